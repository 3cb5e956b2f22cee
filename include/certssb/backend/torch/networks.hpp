// SPDX-License-Identifier: MIT
#pragma once
// Brief: the networks of the papers as torch::nn modules: the small one for MNIST, a pre-activation ResNet for CIFAR-10,
// ResNet-18 for ImageNette.

#include "certssb/core/expect.hpp"

#include <ATen/core/ivalue.h>  // first: Clang 14 needs it whole before the rest
#include <torch/torch.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace certssb {
inline namespace v1 {

namespace detail {

/// Throws: argument_error unless rows are {channels, height, width}, or {height, width} of one channel, whose sides are at
/// least `least`.
[[nodiscard]] inline std::vector<std::int64_t> image_extents(std::string_view who,
                                                             std::span<const std::size_t> row_shape,
                                                             std::size_t least) {
  expect(row_shape.size() == 2 || row_shape.size() == 3, who,
         ": expected rows {channels, height, width} or {height, width}, got ", row_shape.size(), " extents");
  std::vector<std::int64_t> extents(row_shape.begin(), row_shape.end());
  if (extents.size() == 2) extents.insert(extents.begin(), 1);
  for (const std::size_t side : row_shape.last(2)) {
    expect(side >= least, who, ": expected images of at least ", least, " x ", least, " pixels, got ",
           row_shape[row_shape.size() - 2], " x ", row_shape.back());
  }
  return extents;
}

/// Brief: a convolution without bias, in front of or behind batch norm.
[[nodiscard]] inline torch::nn::Conv2d plain_convolution(std::int64_t from, std::int64_t to, std::int64_t side,
                                                         std::int64_t stride) {
  return torch::nn::Conv2d(torch::nn::Conv2dOptions(from, to, side).stride(stride).padding(side / 2).bias(false));
}

/// Brief: normal weights whose variance keeps that of the signal through rectifiers.
/// Reference: He et al., Delving deep into rectifiers (ICCV 2015).
inline void initialise_convolutions(torch::nn::Module& network) {
  for (const auto& module : network.modules(false)) {
    if (auto* const convolution = module->as<torch::nn::Conv2d>()) {
      torch::nn::init::kaiming_normal_(convolution->weight, 0.0, torch::kFanOut, torch::kReLU);
    }
  }
}

}  // namespace detail

/// Brief: the network of small_cnn: 5x5 convolutions of 16 and 32 filters, each with 2x2 max-pool and rectifier, 512
/// hidden units.
class torch_small_cnn : public torch::nn::Module {
public:
  /// Throws: argument_error for rows that are no images of at least 16 x 16 pixels.
  torch_small_cnn(std::span<const std::size_t> row_shape, std::size_t classes)
      : extents_(detail::image_extents("torch_small_cnn", row_shape, 16)),
        first_(register_module("first", torch::nn::Conv2d(extents_[0], 16, 5))),
        second_(register_module("second", torch::nn::Conv2d(16, 32, 5))),
        hidden_(register_module("hidden", torch::nn::Linear(32 * left(extents_[1]) * left(extents_[2]), 512))),
        out_(register_module("out", torch::nn::Linear(512, static_cast<std::int64_t>(classes)))) {}

  torch::Tensor forward(torch::Tensor x) {
    x = x.view({x.size(0), extents_[0], extents_[1], extents_[2]});
    x = torch::relu(torch::max_pool2d(first_(x), 2));
    x = torch::relu(torch::max_pool2d(second_(x), 2));
    return out_(torch::relu(hidden_(x.flatten(1))));
  }

private:
  static std::int64_t left(std::int64_t side) { return ((side - 4) / 2 - 4) / 2; }

  std::vector<std::int64_t> extents_;
  torch::nn::Conv2d first_, second_;
  torch::nn::Linear hidden_, out_;
};

namespace detail {

/// Brief: batch norm and rectifier before each of two 3x3 convolutions; what comes in is added to what goes out.
class preactivation_block : public torch::nn::Module {
public:
  preactivation_block(std::int64_t from, std::int64_t to, std::int64_t stride)
      : norm1_(register_module("norm1", torch::nn::BatchNorm2d(from))),
        convolution1_(register_module("convolution1", plain_convolution(from, to, 3, stride))),
        norm2_(register_module("norm2", torch::nn::BatchNorm2d(to))),
        convolution2_(register_module("convolution2", plain_convolution(to, to, 3, 1))) {
    if (from != to || stride != 1) shortcut_ = register_module("shortcut", plain_convolution(from, to, 1, stride));
  }

  torch::Tensor forward(const torch::Tensor& x) {
    const torch::Tensor active = torch::relu(norm1_(x));
    const torch::Tensor inside = convolution2_(torch::relu(norm2_(convolution1_(active))));
    return inside + (shortcut_ ? shortcut_(active) : x);
  }

private:
  torch::nn::BatchNorm2d norm1_;
  torch::nn::Conv2d convolution1_;
  torch::nn::BatchNorm2d norm2_;
  torch::nn::Conv2d convolution2_;
  torch::nn::Conv2d shortcut_{nullptr};
};

/// Brief: two 3x3 convolutions, each with batch norm; a rectifier between them, and one behind the sum with what comes
/// in.
class basic_block : public torch::nn::Module {
public:
  basic_block(std::int64_t from, std::int64_t to, std::int64_t stride)
      : convolution1_(register_module("convolution1", plain_convolution(from, to, 3, stride))),
        norm1_(register_module("norm1", torch::nn::BatchNorm2d(to))),
        convolution2_(register_module("convolution2", plain_convolution(to, to, 3, 1))),
        norm2_(register_module("norm2", torch::nn::BatchNorm2d(to))) {
    if (from != to || stride != 1) {
      shortcut_ = register_module(
          "shortcut", torch::nn::Sequential(plain_convolution(from, to, 1, stride), torch::nn::BatchNorm2d(to)));
    }
  }

  torch::Tensor forward(const torch::Tensor& x) {
    const torch::Tensor inside = norm2_(convolution2_(torch::relu(norm1_(convolution1_(x)))));
    return torch::relu(inside + (shortcut_ ? shortcut_->forward(x) : x));
  }

private:
  torch::nn::Conv2d convolution1_;
  torch::nn::BatchNorm2d norm1_;
  torch::nn::Conv2d convolution2_;
  torch::nn::BatchNorm2d norm2_;
  torch::nn::Sequential shortcut_{nullptr};
};

/// Brief: stages of blocks, each stage twice as wide as the one before, which from the second on halve the sides.
template <class Block>
[[nodiscard]] torch::nn::Sequential stages_of(std::int64_t width, int stages, int blocks) {
  torch::nn::Sequential all;
  std::int64_t from = width;
  for (int stage = 0; stage < stages; ++stage) {
    const std::int64_t to = width << stage;
    for (int block = 0; block < blocks; ++block) {
      all->push_back(std::make_shared<Block>(from, to, block == 0 && stage > 0 ? 2 : 1));
      from = to;
    }
  }
  return all;
}

}  // namespace detail

/// Brief: the pre-activation ResNet for CIFAR-10: a 3x3 convolution, three stages of five blocks, 16, 32 and 64 wide, the
/// mean over all pixels; 32 layers, 69.1 million multiply-adds per 3 x 32 x 32 image.
/// Reference: He et al., Identity mappings in deep residual networks (ECCV 2016); RAB and Cert-SSB, network for CIFAR-10.
class torch_resnet_cifar : public torch::nn::Module {
public:
  /// Throws: argument_error for rows that are no images of at least 8 x 8 pixels.
  torch_resnet_cifar(std::span<const std::size_t> row_shape, std::size_t classes)
      : extents_(detail::image_extents("resnet-cifar", row_shape, 8)),
        first_(register_module("first", detail::plain_convolution(extents_[0], 16, 3, 1))),
        stages_(register_module("stages", detail::stages_of<detail::preactivation_block>(16, 3, 5))),
        norm_(register_module("norm", torch::nn::BatchNorm2d(64))),
        out_(register_module("out", torch::nn::Linear(64, static_cast<std::int64_t>(classes)))) {
    detail::initialise_convolutions(*this);
  }

  torch::Tensor forward(torch::Tensor x) {
    x = x.view({x.size(0), extents_[0], extents_[1], extents_[2]});
    x = torch::relu(norm_(stages_->forward(first_(x))));
    return out_(x.mean({2, 3}));
  }

private:
  std::vector<std::int64_t> extents_;
  torch::nn::Conv2d first_;
  torch::nn::Sequential stages_;
  torch::nn::BatchNorm2d norm_;
  torch::nn::Linear out_;
};

/// Brief: ResNet-18, meant for images of 3 x 224 x 224: a 7x7 convolution and a 3x3 max-pool, each of which halves the
/// sides, four stages of two blocks, 64 to 512 wide.
/// Reference: He et al., Deep residual learning for image recognition (CVPR 2016); Cert-SSB, network for ImageNette.
class torch_resnet18 : public torch::nn::Module {
public:
  /// Throws: argument_error for rows that are no images of at least 32 x 32 pixels.
  torch_resnet18(std::span<const std::size_t> row_shape, std::size_t classes)
      : extents_(detail::image_extents("resnet18", row_shape, 32)),
        first_(register_module("first", detail::plain_convolution(extents_[0], 64, 7, 2))),
        norm_(register_module("norm", torch::nn::BatchNorm2d(64))),
        stages_(register_module("stages", detail::stages_of<detail::basic_block>(64, 4, 2))),
        out_(register_module("out", torch::nn::Linear(512, static_cast<std::int64_t>(classes)))) {
    detail::initialise_convolutions(*this);
  }

  torch::Tensor forward(torch::Tensor x) {
    x = x.view({x.size(0), extents_[0], extents_[1], extents_[2]});
    x = torch::max_pool2d(torch::relu(norm_(first_(x))), 3, 2, 1);
    return out_(stages_->forward(x).mean({2, 3}));
  }

private:
  std::vector<std::int64_t> extents_;
  torch::nn::Conv2d first_;
  torch::nn::BatchNorm2d norm_;
  torch::nn::Sequential stages_;
  torch::nn::Linear out_;
};

/// Brief: a factory of modules of one type, for torch_learner.
template <class Module>
[[nodiscard]] auto module_factory() {
  return [](std::span<const std::size_t> row_shape, std::size_t classes) {
    return std::make_shared<Module>(row_shape, classes);
  };
}

}  // namespace v1
}  // namespace certssb
