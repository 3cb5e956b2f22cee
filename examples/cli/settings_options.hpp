// SPDX-License-Identifier: MIT
#pragma once
// Brief: the settings of a run, and other tables of settings, as options of the program.

#include "certssb/run/radius_list.hpp"
#include "certssb/run/run_settings.hpp"
#include "command.hpp"
#include "numbers.hpp"

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace certssb::cli {

/// Brief: a setting's name as it is typed: "alpha_part" as "--alpha-part".
[[nodiscard]] std::string option_name(std::string_view setting);

/// Brief: a message or help of the library with the names of the settings of `app` as they are typed: "alpha: ..." becomes
/// "--alpha: ...".
[[nodiscard]] std::string with_option_names(const CLI::App& app, std::string message);

/// Brief: words the help of all options of `app` in this way.
void name_options(CLI::App& app);

/// Brief: calls work(); an argument_error or data_error it throws names the options of `app`.
template <class Work>
auto naming_options(const CLI::App& app, const Work& work) {
  try {
    return work();
  } catch (const argument_error& wrong) {
    throw argument_error(with_option_names(app, wrong.what()));
  } catch (const data_error& wrong) {
    throw data_error(with_option_names(app, wrong.what()));
  }
}

/// Brief: declares each setting that it is called with as an option. Requires: the fields outlive the parse.
class option_adder {
public:
  explicit option_adder(CLI::App& app) : app_(app) {}

  template <class Number>
  requires std::integral<number_of<Number>> CLI::Option* operator()(std::string_view name, Number& field,
                                                                    const std::string& help, whole_range range) const {
    using number = number_of<Number>;
    const bool held = std::in_range<number>(range.high);
    return add_whole(app_, option_name(name), field, help, static_cast<number>(range.low),
                     held ? static_cast<number>(range.high) : std::numeric_limits<number>::max());
  }
  template <class Number>
  CLI::Option* operator()(std::string_view name, Number& field, const std::string& help, real_range range) const {
    return add_real(app_, option_name(name), field, help, range);
  }
  /// Brief: one of a few words.
  CLI::Option* operator()(std::string_view name, std::string& field, const std::string& help,
                          std::span<const std::string_view> choices) const;
  CLI::Option* operator()(std::string_view name, bool& field, const std::string& help) const;
  /// Brief: any text. A default that is not empty is shown in the help.
  CLI::Option* operator()(std::string_view name, std::string& field, const std::string& help) const;
  CLI::Option* operator()(std::string_view name, std::optional<std::string>& field, const std::string& help) const;
  /// Brief: radii, with steps.
  CLI::Option* operator()(std::string_view name, std::vector<double>& field, const std::string& help) const;
  /// Brief: a list cut at commas; `assume` is given once for each word instead.
  CLI::Option* operator()(std::string_view name, std::vector<std::string>& field, const std::string& help) const;

private:
  CLI::App& app_;
};

CLI::Option* add_threads(CLI::App& app, std::size_t& threads);

/// Brief: one option per setting, in groups, the common ones first; and --config, whose values the others override.
/// Settings of the names in `without` are left out.
/// Requires: `settings` outlives the parse.
void add_settings(CLI::App& app, run_settings& settings, std::span<const std::string_view> without = {});

}  // namespace certssb::cli
