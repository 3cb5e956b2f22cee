// SPDX-License-Identifier: MIT
#pragma once
// Brief: which files of a folder are a run's: its list of files, files.txt, and what a folder is by that list.

#include "certssb/io/files.hpp"
#include "certssb/report/json_parse.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace certssb {
inline namespace v1 {
namespace detail {

inline constexpr std::string_view file_list_name = "files.txt";
inline constexpr std::string_view file_list_title = "certssb run 1 ";
inline constexpr std::string_view results_name = "results.json";

/// Brief: the files of a run, by their names relative to its folder, and whether the run itself came to its end.
struct run_files {
  bool complete = true;
  std::map<std::string, std::uintmax_t> bytes;  ///< name -> size
};

/// Brief: true for the name of a file in a run's folder: plain names with slashes in between, none of which is hidden,
/// leads out of the folder or holds a control character.
[[nodiscard]] inline bool is_run_file_name(std::string_view name) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 32 || c == 127; };
  if (name.empty() || std::any_of(name.begin(), name.end(), is_control)) return false;
  bool at_start = true;
  for (const char c : name) {
    if (at_start && (c == '.' || c == '/')) return false;
    at_start = c == '/';
  }
  return !at_start;
}

/// Brief: the text of files.txt: a title that says whether the run is complete, then a line per file, size and name.
[[nodiscard]] inline std::string file_list_text(const run_files& files) {
  std::string text = concatenate(file_list_title, files.complete ? "complete" : "incomplete", "\n");
  for (const auto& [name, bytes] : files.bytes) text += concatenate(bytes, " ", name, "\n");
  return text;
}

/// Brief: reads that text; false where it is anything else.
[[nodiscard]] inline bool parse_file_list(std::string_view text, run_files& files) {
  const auto next_line = [&](std::string_view& line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return false;
    line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return true;
  };
  std::string_view line;
  if (!next_line(line) || !line.starts_with(file_list_title)) return false;
  line.remove_prefix(file_list_title.size());
  if (line != "complete" && line != "incomplete") return false;
  files = {line == "complete", {}};
  while (next_line(line)) {
    std::uintmax_t bytes = 0;
    const auto [end, failure] = std::from_chars(line.data(), line.data() + line.size(), bytes);
    const auto digits = static_cast<std::size_t>(end - line.data());
    if (failure != std::errc{} || digits >= line.size() || line[digits] != ' ') return false;
    const std::string_view name = line.substr(digits + 1);
    if (!is_run_file_name(name) || !files.bytes.emplace(name, bytes).second) return false;
  }
  return text.empty();
}

/// Brief: the same of the results.json of version 0.1, which wrote no files.txt: the arrays and pictures it names, its
/// report and itself.
[[nodiscard]] inline bool parse_results_of_0_1(std::string_view text, run_files& files) {
  json all;
  try {
    all = parse_json(text, std::string(results_name));
  } catch (const data_error&) {
    return false;
  }
  if (!all.is_object() || !all.contains("schema") || !all.contains("defences")) return false;
  const auto arrays = all.find("arrays");
  if (all["schema"] != 1 || arrays == all.end() || !arrays->is_object()) return false;
  const auto complete = all.find("complete");
  files = {complete == all.end() || *complete == true, {{std::string(results_name), 0}, {"report.html", 0}}};
  for (const auto& [name, digest] : arrays->items()) files.bytes.emplace(name, 0);
  const auto add = [&](const json& name) {
    if (name.is_string()) files.bytes.emplace(name.get<std::string>(), 0);
  };
  const auto examples = all.find("examples");
  if (examples == all.end() || !examples->is_array()) return true;
  for (const auto& example : *examples) {
    if (!example.is_object()) continue;
    for (const char* key : {"clean", "triggered"}) {
      if (example.contains(key)) add(example[key]);
    }
    if (!example.contains("noisy") || !example["noisy"].is_object()) continue;
    for (const auto& name : example["noisy"]) add(name);
  }
  return true;
}

/// Brief: what a folder is to a run that wants to be written there.
struct folder_content {
  bool empty = true;
  bool is_run = false;
  std::string foreign;  ///< the first file or folder that no run wrote; empty where there is none
  run_files files;      ///< of the run that is there
};

/// Brief: the text of a file of a run's folder; empty where there is none, or something else has its name.
[[nodiscard]] inline std::string text_of_run_file(const std::filesystem::path& path) {
  constexpr std::uintmax_t most = std::uintmax_t{1} << 26U;
  std::error_code failure;
  if (std::filesystem::symlink_status(path, failure).type() != std::filesystem::file_type::regular) return {};
  return size_of_file(path) <= most ? read_file(path, most) : std::string();
}

/// Brief: finds in `folder`, at `below`, the first entry by name that `files` does not list, other than `own`. Links
/// count as foreign.
/// Cost: looks only into folders that hold a listed file.
[[nodiscard]] inline std::string first_foreign(const std::filesystem::path& folder, const std::string& below,
                                               const run_files& files, std::string_view own) {
  std::error_code failure;
  std::set<std::string> names;
  for (auto i = std::filesystem::directory_iterator(folder / below, failure);
       !failure && i != std::filesystem::directory_iterator(); i.increment(failure)) {
    names.insert(i->path().filename().string());
  }
  expect<data_error>(!failure, (folder / below).string(), ": the folder cannot be read: ", failure.message());
  for (const std::string& entry : names) {
    const std::string name = below + entry;
    if (name == file_list_name || name == folder_lock::file_name || name == own) continue;
    const auto type = std::filesystem::symlink_status(folder / name, failure).type();
    const auto listed = files.bytes.lower_bound(name);
    if (type == std::filesystem::file_type::regular && listed != files.bytes.end() && listed->first == name) continue;
    const std::string as_folder = name + "/";
    const auto inside = files.bytes.lower_bound(as_folder);
    if (type != std::filesystem::file_type::directory || inside == files.bytes.end() ||
        !inside->first.starts_with(as_folder)) {
      return name;
    }
    if (std::string found = first_foreign(folder, as_folder, files, own); !found.empty()) return found;
  }
  return {};
}

/// Brief: looks at a folder, past the entry `own`; one that is not there counts as empty.
/// Throws: data_error if it cannot be read.
[[nodiscard]] inline folder_content look_at_folder(const std::filesystem::path& folder, std::string_view own = {}) {
  folder_content content;
  std::error_code failure;
  if (!std::filesystem::exists(folder, failure)) return content;
  content.is_run = parse_file_list(text_of_run_file(folder / file_list_name), content.files);
  if (!content.is_run) {
    content.files = {};
    const std::string results = text_of_run_file(folder / results_name);
    content.is_run = !results.empty() && parse_results_of_0_1(results, content.files);
    if (!content.is_run) content.files = {};
    if (std::filesystem::exists(std::filesystem::symlink_status(folder / file_list_name, failure))) {
      content.foreign = file_list_name;  // a list of something else
    }
  }
  if (content.foreign.empty()) content.foreign = first_foreign(folder, {}, content.files, own);
  content.empty = content.foreign.empty() && !content.is_run;
  return content;
}

/// Brief: lists what a folder holds.
/// Throws: data_error if it holds anything else than ordinary files in ordinary folders.
[[nodiscard]] inline run_files list_files(const std::filesystem::path& folder) {
  run_files files;
  std::error_code failure;
  for (auto i = std::filesystem::recursive_directory_iterator(folder, failure);
       !failure && i != std::filesystem::recursive_directory_iterator(); i.increment(failure)) {
    const std::string name = i->path().string().substr(folder.string().size() + 1);
    const auto type = i->symlink_status(failure).type();
    if (failure) break;
    if (type == std::filesystem::file_type::directory || name == file_list_name) continue;
    expect<data_error>(type == std::filesystem::file_type::regular && is_run_file_name(name), i->path().string(),
                       ": not a file of a run");
    files.bytes[name] = i->file_size(failure);
    if (failure) break;
  }
  expect<data_error>(!failure, folder.string(), ": the folder cannot be read: ", failure.message());
  return files;
}

/// Brief: true where `folder` holds a list of files and each file of it in its size: writing it was finished.
[[nodiscard]] inline bool is_whole(const std::filesystem::path& folder) {
  run_files files;
  if (!parse_file_list(text_of_run_file(folder / file_list_name), files)) return false;
  return std::all_of(files.bytes.begin(), files.bytes.end(), [&](const auto& file) {
    std::error_code failure;
    return std::filesystem::symlink_status(folder / file.first, failure).type() ==
               std::filesystem::file_type::regular &&
           std::filesystem::file_size(folder / file.first, failure) == file.second && !failure;
  });
}

/// Brief: removes the listed files, the list, and the folders in `folder` that are empty then. All else stays.
/// Throws: data_error if a file cannot be removed.
inline void remove_files(const std::filesystem::path& folder, const run_files& files) {
  std::set<std::filesystem::path, std::greater<>> folders;  // those further down come first
  std::vector<std::string> names{std::string(file_list_name)};
  for (const auto& [name, bytes] : files.bytes) names.push_back(name);
  const auto is_in_folder = [&](const std::string& name) {  // and not behind a link that leads elsewhere
    std::filesystem::path at = folder;
    std::error_code failure;
    for (const auto& part : std::filesystem::path(name).parent_path()) {
      if (std::filesystem::symlink_status(at /= part, failure).type() != std::filesystem::file_type::directory) {
        return false;
      }
    }
    return true;
  };
  for (const std::string& name : names) {
    if (!is_run_file_name(name) || !is_in_folder(name)) continue;
    if (::unlink((folder / name).c_str()) != 0) {
      const int why = errno;
      if (why != ENOENT) throw_file_error(folder / name, "cannot be removed", why);
    }
    for (std::filesystem::path p = std::filesystem::path(name).parent_path(); !p.empty(); p = p.parent_path()) {
      folders.insert(p);
    }
  }
  for (const std::filesystem::path& p : folders) ::rmdir((folder / p).c_str());
}

}  // namespace detail
}  // namespace v1
}  // namespace certssb
