// SPDX-License-Identifier: MIT
#pragma once
// Brief: where the models of a defence are kept as they are trained, in the folder of the run.

#include "certssb/io/safetensors_stack.hpp"
#include "certssb/run/model_shelf.hpp"
#include "certssb/run/run_folder.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: the version of the files of kept models; others are refused.
inline constexpr const char* kept_models_version = "1";

/// Brief: the names of the files: of the models that vote, and of the models that find noise scales.
inline constexpr const char* kept_members_name = "models.safetensors";
inline constexpr const char* kept_bases_name = "base_models.safetensors";

/// Brief: the files of one defence. What was written is added to the run once the defence is complete, and is removed
/// otherwise.
class kept_model_files {
public:
  /// Brief: `leading` are the extents of the models, [M] or [k] or [k, M]; `parts` is 1 or k.
  kept_model_files(run_folder& folder, const std::string& defence, const std::vector<std::size_t>& leading,
                   std::size_t parts)
      : folder_(folder),
        prefix_(defence + "/"),
        members_(folder.path() / (prefix_ + kept_members_name), leading, {{"certssb_models", kept_models_version}}),
        bases_(folder.path() / (prefix_ + kept_bases_name), {parts}, {{"certssb_models", kept_models_version}}) {}
  kept_model_files(const kept_model_files&) = delete;
  kept_model_files& operator=(const kept_model_files&) = delete;
  ~kept_model_files() {
    std::error_code ignored;
    if (finished_) return;
    for (const safetensors_stack_writer* file : {&members_, &bases_}) std::filesystem::remove(file->path(), ignored);
    std::filesystem::remove(members_.path().parent_path(), ignored);  // where nothing else is in it
  }

  [[nodiscard]] model_shelf shelf() { return {members_, bases_}; }

  void finish() {
    if (members_.started()) folder_.adopt(prefix_ + kept_members_name);
    if (bases_.started()) folder_.adopt(prefix_ + kept_bases_name);
    finished_ = true;
  }

private:
  run_folder& folder_;
  std::string prefix_;
  safetensors_stack_writer members_;
  safetensors_stack_writer bases_;
  bool finished_ = false;
};

}  // namespace v1
}  // namespace certssb
