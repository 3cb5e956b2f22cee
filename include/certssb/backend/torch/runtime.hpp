// SPDX-License-Identifier: MIT
#pragma once
// Brief: what makes PyTorch's library follow keys and not threads: its own threads off, its one random generator lent to
// one caller at a time, and its errors in one line.

#include "certssb/core/error.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/core/random.hpp"

#include <ATen/core/ivalue.h>  // first: Clang 14 needs it whole before the rest
#include <torch/torch.h>

#include <dlfcn.h>

#include <cstdint>
#include <exception>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace certssb {
inline namespace v1 {

/// Brief: makes the calling thread compute alone from now on: members are trained beside each other by the executor, and
/// how PyTorch and OpenBLAS cut sums among threads of their own would change bits.
inline void use_one_torch_thread() {
  if (at::get_num_threads() != 1) at::set_num_threads(1);
  using set_threads = void (*)(int);
  static const auto of_openblas = reinterpret_cast<set_threads>(::dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
  static std::once_flag once;
  std::call_once(once, [] {
    if (of_openblas != nullptr) of_openblas(1);
  });
}

/// Brief: the file of the library that multiplies PyTorch's matrices, for records of speed: that of OpenBLAS, or of the
/// reference BLAS, which takes three times as long. Empty where PyTorch brings a library of its own.
[[nodiscard]] inline std::string torch_blas() {
  void* const product = ::dlsym(RTLD_DEFAULT, "sgemm_");
  Dl_info where{};
  if (product == nullptr || ::dladdr(product, &where) == 0) return {};
  std::error_code unknown;
  const std::filesystem::path file = std::filesystem::canonical(where.dli_fname, unknown);
  return unknown ? where.dli_fname : file.string();
}

namespace detail {

/// Brief: the line of an error that says what is wrong: the first, or, of an error of the interpreter of TorchScript, the
/// last.
[[nodiscard]] inline std::string torch_line(std::string_view what) {
  const bool from_the_end = what.starts_with("The following operation failed");
  while (!what.empty() && what.back() == '\n') what.remove_suffix(1);
  const std::size_t newline = from_the_end ? what.rfind('\n') : what.find('\n');
  if (newline == std::string_view::npos) return std::string(what);
  return std::string(from_the_end ? what.substr(newline + 1) : what.substr(0, newline));
}

/// Brief: calls `work`; an error of PyTorch leaves as `Error`, in one line.
template <class Error = argument_error, class Work>
decltype(auto) in_one_line(std::string_view who, const Work& work) {
  try {
    return work();
  } catch (const certssb::error&) {
    throw;
  } catch (const c10::Error& e) {
    throw Error(concatenate(who, ": ", torch_line(e.what_without_backtrace())));
  } catch (const std::exception& e) {
    throw Error(concatenate(who, ": ", torch_line(e.what())));
  }
}

/// Brief: PyTorch's default generator, which all threads share, and the lock under which it is used here.
class lent_generator {
public:
  lent_generator() : lock_(mutex()), generator_(at::detail::getDefaultCPUGenerator()) {}

  void seed(std::uint64_t value) { generator_.set_current_seed(value); }

  /// Brief: everything that its next draws depend on.
  [[nodiscard]] torch::Tensor state() const { return generator_.get_state(); }
  void set_state(const torch::Tensor& state) { generator_.set_state(state); }

private:
  static std::mutex& mutex() {
    static std::mutex one;
    return one;
  }
  std::unique_lock<std::mutex> lock_;
  at::Generator generator_;
};

/// Brief: calls `make`, whose draws from PyTorch's default generator are then a function of the key, and leaves the
/// generator as it was.
template <class Make>
[[nodiscard]] auto with_keyed_generator(const random_key& key, const Make& make) {
  lent_generator generator;
  const torch::Tensor before = generator.state();
  random_stream stream(key);
  const std::uint64_t high = stream.word();
  generator.seed((high << 32U) | stream.word());
  try {
    auto made = make();
    generator.set_state(before);
    return made;
  } catch (...) {
    generator.set_state(before);
    throw;
  }
}

/// Brief: calls `work`.
/// Throws: argument_error if it drew from PyTorch's default generator: what it drew followed no key.
template <class Work>
[[nodiscard]] auto without_draws(const Work& work) {
  lent_generator generator;
  const torch::Tensor before = generator.state();
  auto result = work();
  expect(torch::equal(before, generator.state()),
         "torch: the network draws random numbers when it is trained (dropout?), which would not follow the key");
  return result;
}

}  // namespace detail
}  // namespace v1
}  // namespace certssb
