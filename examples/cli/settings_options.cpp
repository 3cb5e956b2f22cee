// SPDX-License-Identifier: MIT
#include "settings_options.hpp"

#include "certssb/io/files.hpp"
#include "certssb/report/json.hpp"
#include "certssb/run/presets.hpp"
#include "certssb/run/setting_words.hpp"

#include <algorithm>
#include <cctype>

namespace certssb::cli {

std::string option_name(std::string_view setting) {
  std::string name = "--" + std::string(setting);
  std::ranges::replace(name, '_', '-');
  return name;
}

std::string with_option_names(const CLI::App& app, std::string text) {
  const auto letter = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  const auto in_word = [&](char c) { return letter(c) || c == '_' || c == '-' || c == '/'; };
  for (const CLI::Option* const option : app.get_options()) {
    const std::string typed = option->get_name();
    if (!typed.starts_with("--")) continue;
    std::string name = typed.substr(2);
    std::ranges::replace(name, '-', '_');
    // Names of one word are words of the language too: of those, only the one that a message begins with, or quotes.
    const bool unmistakable = name.find('_') != std::string::npos;
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
      const std::size_t end = at + name.size();
      const bool whole = (at == 0 || !in_word(text[at - 1])) && (end == text.size() || !in_word(text[end])) &&
                         !(text[end] == '.' && end + 1 < text.size() && letter(text[end + 1]));  // no name of a file
      const bool quoted = whole && at > 0 && text[at - 1] == '`' && text[end] == '`';
      const bool named = quoted || unmistakable || (at == 0 && text[end] == ':') ||
                         (name == "assume" && text.substr(0, at).ends_with("with "));
      if (!whole || !named) continue;
      text.replace(quoted ? at - 1 : at, name.size() + (quoted ? 2 : 0), typed);
      at += 2;
    }
  }
  return text;
}

void name_options(CLI::App& app) {
  for (CLI::Option* const option : app.get_options()) {
    option->description(with_option_names(app, option->get_description()));
  }
}

CLI::Option* option_adder::operator()(std::string_view name, std::string& field, const std::string& help,
                                      std::span<const std::string_view> choices) const {
  return (*this)(name, field, help)->check(CLI::IsMember(std::vector<std::string>(choices.begin(), choices.end())));
}

CLI::Option* option_adder::operator()(std::string_view name, bool& field, const std::string& help) const {
  return app_.add_flag(option_name(name), field, help);
}

CLI::Option* option_adder::operator()(std::string_view name, std::string& field, const std::string& help) const {
  return app_.add_option(option_name(name), field, help)->capture_default_str();
}

CLI::Option* option_adder::operator()(std::string_view name, std::optional<std::string>& field,
                                      const std::string& help) const {
  return app_.add_option(option_name(name), field, help);
}

CLI::Option* option_adder::operator()(std::string_view name, std::vector<double>& field,
                                      const std::string& help) const {
  const CLI::callback_t read = [&field, &app = app_](const CLI::results_t& text) {
    field = naming_options(app, [&] { return parse_radii(text.front()); });
    return true;
  };
  return app_.add_option(option_name(name), read, help)->default_str("0,0.05,...,0.5");
}

CLI::Option* option_adder::operator()(std::string_view name, std::vector<std::string>& field,
                                      const std::string& help) const {
  if (name == "assume") return app_.add_option(option_name(name), field, help)->allow_extra_args(false);
  const CLI::callback_t read = [&field](const CLI::results_t& text) {
    field = split_list(text.front());
    return true;
  };
  return app_.add_option(option_name(name), read, help)->default_str(option_text(field));
}

CLI::Option* add_threads(CLI::App& app, std::size_t& threads) {
  return add_whole(app, "--threads", threads, "threads; 0: as many as the machine has", 0, 4096);
}

void add_settings(CLI::App& app, run_settings& settings, std::span<const std::string_view> without) {
  const CLI::callback_t read_config = [&settings](const CLI::results_t& file) {
    const json whole = json::parse(read_file(file.front(), std::uintmax_t{1} << 26U), nullptr, false);
    expect<data_error>(whole.is_object(), file.front(), ": expected a JSON object: a run's results.json or its config");
    read_settings(whole.contains("config") ? whole.at("config") : whole, settings);
    return true;
  };
  // These two first, so that they are read before the options that override them.
  app.add_option("--config", read_config, "settings of an earlier run: its results.json; other options override")
      ->group("Common")
      ->type_name("FILE");
  const CLI::callback_t take_preset = [&settings, &app](const CLI::results_t& name) {
    naming_options(app, [&] { set_preset(settings, name.front()); });
    return true;
  };
  app.add_option("--preset", take_preset,
                 "settings of a published experiment, which other options override: " + known_presets())
      ->group("Common")
      ->type_name("NAME");
  const option_adder add(app);
  for (const setting_words& setting : table_of_settings) {
    if (std::ranges::find(without, setting.name) != without.end()) continue;
    visit_settings(settings, [&]<class Field>(const char* name, Field& field) {
      if (setting.name != name || setting.name == "preset") return;
      const std::string help = help_of(setting);
      CLI::Option* option = nullptr;
      // Numbers are read here, and none is below 0; whether they are in range the library says.
      if constexpr (std::integral<number_of<Field>> && !std::same_as<Field, bool>) {
        option = add(name, field, help, whole_range{});
      } else if constexpr (std::same_as<number_of<Field>, double>) {
        option = add(name, field, help, at_least_zero);
      } else {
        option = add(name, field, help);
      }
      option->group(std::string(setting.group));
    });
  }
  name_options(app);
}

}  // namespace certssb::cli
