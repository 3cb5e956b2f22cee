// SPDX-License-Identifier: MIT
#pragma once
// Brief: a mode with its flags and its evidence, with its type erased.

#include "certssb/certificate/certify.hpp"
#include "certssb/certificate/concept.hpp"
#include "certssb/certificate/mode_facts.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a mode as a value that can be copied and kept: it says and does what the mode it was made from does.
class stated_mode {
public:
  std::string_view name;
  mode_facts facts;       ///< with the flags'
  std::string_view norm;  ///< of the radii
  bool certified;
  std::vector<std::string> assumptions;
  std::vector<std::string> conditions;  ///< what the statement holds fixed

  /// Brief: for votes from elsewhere (`foreign`) a certified mode also assumes what this library would have seen to.
  template <certificate_mode Mode>
  explicit stated_mode(const Mode& mode, bool foreign = false)
      : name(mode.name),
        facts(facts_of_type<Mode>()),
        norm(mode.norm),
        certified(Mode::certified),
        rule_(std::make_shared<rule_of<Mode>>(mode)) {
    const name_list assumed = mode.assumptions;
    const name_list fixed = mode.conditional_on();
    assumptions.assign(assumed.begin(), assumed.end());
    conditions.assign(fixed.begin(), fixed.end());
    if (!foreign || !certified) return;
    for (const char* more : {"noise_key_unknown_to_attacker", "models_fixed_beforehand", "models_independent"}) {
      if (std::ranges::find(assumptions, more) == assumptions.end()) assumptions.emplace_back(more);
    }
  }

  [[nodiscard]] double budget(double lower, double upper) const { return rule_->budget(lower, upper); }
  [[nodiscard]] double radius(double budget, std::size_t sample) const { return rule_->radius(budget, sample); }
  [[nodiscard]] double scale(std::size_t sample) const { return rule_->scale(sample); }
  [[nodiscard]] std::size_t rows() const { return rule_->rows(); }
  [[nodiscard]] double per_pattern(double budget, std::size_t rows) const { return rule_->per_pattern(budget, rows); }
  [[nodiscard]] bool covers(double budget, const attack_extent& attack) const { return rule_->covers(budget, attack); }

  /// Brief: the certificates that the mode issues on these bounds.
  /// Throws: as certssb::issue.
  [[nodiscard]] std::vector<certificate> issue(const bounded_votes& votes) const { return rule_->issue(votes); }

private:
  struct rule {
    virtual ~rule() = default;
    [[nodiscard]] virtual double budget(double lower, double upper) const = 0;
    [[nodiscard]] virtual double radius(double budget, std::size_t sample) const = 0;
    [[nodiscard]] virtual double scale(std::size_t sample) const = 0;
    [[nodiscard]] virtual std::size_t rows() const = 0;
    [[nodiscard]] virtual double per_pattern(double budget, std::size_t rows) const = 0;
    [[nodiscard]] virtual bool covers(double budget, const attack_extent& attack) const = 0;
    [[nodiscard]] virtual std::vector<certificate> issue(const bounded_votes& votes) const = 0;
  };

  template <class Mode>
  struct rule_of final : rule {
    explicit rule_of(const Mode& kept) : mode(kept) {}
    [[nodiscard]] double budget(double lower, double upper) const override { return mode.budget(lower, upper); }
    [[nodiscard]] double radius(double budget, std::size_t sample) const override {
      return mode.radius(budget, sample);
    }
    [[nodiscard]] double scale(std::size_t sample) const override { return mode.scale(sample); }
    [[nodiscard]] std::size_t rows() const override { return mode.rows(); }
    [[nodiscard]] double per_pattern(double budget, std::size_t rows) const override {
      return mode.per_pattern(budget, rows);
    }
    [[nodiscard]] bool covers(double budget, const attack_extent& attack) const override {
      return mode.covers(budget, attack);
    }
    [[nodiscard]] std::vector<certificate> issue(const bounded_votes& votes) const override {
      return certssb::issue(votes, mode);
    }
    Mode mode;
  };

  std::shared_ptr<const rule> rule_;
};

}  // namespace v1
}  // namespace certssb
