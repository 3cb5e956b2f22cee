// SPDX-License-Identifier: MIT
#pragma once
// Brief: many models of one shape in one safetensors file. Each array has leading extents that say which model a part of
// it belongs to, so that any model is written or read alone.

#include "certssb/core/expect.hpp"
#include "certssb/io/files.hpp"
#include "certssb/io/safetensors.hpp"
#include "certssb/tensor/saved_tensor.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

namespace detail {

[[nodiscard]] inline std::size_t models_of(std::span<const std::size_t> leading) {
  std::size_t count = 1;
  for (const std::size_t extent : leading) count *= extent;
  return count;
}

}  // namespace detail

/// Brief: writes models into one file, in any order and from any thread. The place of a model does not depend on the
/// order; models that are never written are zeros.
/// Cost: memory for one model per thread.
class safetensors_stack_writer {
public:
  /// Brief: `leading` are the extents before those of a model: [M], or [k, M] for M models in each of k parts. Nothing is
  /// made before the first model comes, which says what arrays there are.
  safetensors_stack_writer(std::filesystem::path path, std::vector<std::size_t> leading,
                           std::map<std::string, std::string> metadata)
      : path_(std::move(path)), leading_(std::move(leading)), metadata_(std::move(metadata)) {}

  /// Brief: writes model `index`, counted in C order of the leading extents.
  /// Throws: argument_error for an index that does not exist, or arrays that are not those of the first model; data_error
  /// if the file cannot be written.
  void put(std::size_t index, std::span<const saved_tensor> model) {
    const std::size_t count = detail::models_of(leading_);
    expect(index < count, path_.string(), ": expected a model below ", count, ", got ", index);
    {
      const std::lock_guard hold(opening_);
      if (!file_) open(model, count);
    }
    expect(model.size() == entries_.size(), path_.string(), ": expected ", entries_.size(),
           " arrays of each model, got ", model.size());
    for (std::size_t t = 0; t < model.size(); ++t) {
      expect(model[t].name == entries_[t].name && model[t].shape == shapes_[t], "keep_models: ", model[t].name,
             " has not the same shape in all models, so that they do not fit into one file");
      write_at(offset_ + entries_[t].begin + index * model[t].bytes.size(), model[t].bytes);
    }
  }

  /// Brief: whether a model has been written.
  [[nodiscard]] bool started() const { return static_cast<bool>(file_); }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

private:
  void open(std::span<const saved_tensor> model, std::size_t count) {
    std::size_t at = 0;
    for (const saved_tensor& t : model) {
      std::vector<std::size_t> shape = leading_;
      shape.insert(shape.end(), t.shape.begin(), t.shape.end());
      entries_.push_back({t.name, t.type, std::move(shape), at, at + count * t.bytes.size()});
      shapes_.push_back(t.shape);
      at = entries_.back().end;
    }
    const std::string start = safetensors_start(entries_, metadata_);
    offset_ = start.size();
    make_folder(path_.parent_path());
    detail::unique_handle file(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666));
    const int why = errno;
    if (!file) detail::throw_file_error(path_, "cannot be written", why);
    if (::ftruncate(file.get(), static_cast<off_t>(offset_ + at)) != 0) {
      const int full = errno;
      detail::throw_file_error(path_, "cannot be written", full);
    }
    file_ = std::move(file);
    write_at(0, start);
  }

  void write_at(std::size_t place, std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t written = ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(place));
      const int why = written < 0 ? errno : ENOSPC;
      if (written < 0 && why == EINTR) continue;
      if (written <= 0) detail::throw_file_error(path_, "cannot be written", why);
      place += static_cast<std::size_t>(written);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  std::filesystem::path path_;
  std::vector<std::size_t> leading_;
  std::map<std::string, std::string> metadata_;
  std::vector<safetensors_entry> entries_;
  std::vector<std::vector<std::size_t>> shapes_;  ///< of one model's arrays
  std::size_t offset_ = 0;
  std::mutex opening_;
  detail::unique_handle file_;
};

/// Brief: reads single models of such a file, from any thread.
/// Cost: memory for the header, and for each model that is read.
class safetensors_stack {
public:
  /// Throws: data_error unless it is a safetensors file whose arrays all begin with these extents.
  safetensors_stack(std::filesystem::path path, std::vector<std::size_t> leading)
      : path_(std::move(path)),
        header_(read_safetensors_header(path_)),
        leading_(std::move(leading)),
        count_(detail::models_of(leading_)),
        file_(::open(path_.c_str(), O_RDONLY | O_CLOEXEC)) {
    const int why = errno;
    if (!file_) detail::throw_file_error(path_, "cannot be opened", why);
    for (const safetensors_entry& e : header_.entries) {
      const bool begins =
          e.shape.size() >= leading_.size() && std::equal(leading_.begin(), leading_.end(), e.shape.begin());
      expect<data_error>(begins, path_.string(), ": ", e.name, " does not hold ", count_, " models");
    }
  }

  [[nodiscard]] const std::map<std::string, std::string>& metadata() const noexcept { return header_.metadata; }

  /// Brief: the arrays of one model.
  /// Throws: data_error for a model that does not exist, or a file that cannot be read.
  [[nodiscard]] std::vector<saved_tensor> read(std::size_t index) const {
    expect<data_error>(index < count_, path_.string(), ": expected a model below ", count_, ", got ", index);
    std::vector<saved_tensor> model;
    for (const safetensors_entry& e : header_.entries) {
      const std::size_t size = (e.end - e.begin) / count_;
      saved_tensor& t = model.emplace_back(saved_tensor{
          e.name, e.type, {e.shape.begin() + static_cast<std::ptrdiff_t>(leading_.size()), e.shape.end()}, {}});
      t.bytes.resize(size);
      const ssize_t got =
          ::pread(file_.get(), t.bytes.data(), size, static_cast<off_t>(header_.offset + e.begin + index * size));
      expect<data_error>(std::cmp_equal(got, size), path_.string(), ": model ", index, ": expected ", size,
                         " bytes of ", e.name, ", got ", got);
    }
    return model;
  }

private:
  std::filesystem::path path_;
  safetensors_header header_;
  std::vector<std::size_t> leading_;
  std::size_t count_;
  detail::unique_handle file_;
};

}  // namespace v1
}  // namespace certssb
