// SPDX-License-Identifier: MIT
#pragma once
// Brief: bounds chosen by name at run time.

#include "certssb/bound/betting.hpp"
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/concept.hpp"
#include "certssb/bound/hoeffding.hpp"
#include "certssb/bound/hoeffding_bentkus.hpp"
#include "certssb/bound/jeffreys_sequence.hpp"
#include "certssb/bound/kl_chernoff.hpp"
#include "certssb/bound/maurer_pontil.hpp"
#include "certssb/bound/mixture.hpp"
#include "certssb/core/expect.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace certssb {
inline namespace v1 {

/// Brief: every bound that needs nothing but votes and alpha.
inline constexpr std::array<std::string_view, 8> bound_names = {
    hoeffding::name,     clopper_pearson::name, kl_chernoff::name, hoeffding_bentkus::name,
    maurer_pontil::name, betting::name,         mixture::name,     jeffreys_sequence::name};

/// Brief: calls visit(bound) with the bound of this name.
/// Throws: argument_error for an unknown name.
template <class Visit>
void visit_bound(std::string_view name, Visit&& visit) {
  bool known = false;
  const auto try_one = [&]<class Bound>(const Bound& bound) {
    if (Bound::name != name) return;
    known = true;
    visit(bound);
  };
  try_one(hoeffding{});
  try_one(clopper_pearson{});
  try_one(kl_chernoff{});
  try_one(hoeffding_bentkus{});
  try_one(maurer_pontil{});
  try_one(betting{});
  try_one(mixture{});
  try_one(jeffreys_sequence{});
  expect(known, "no confidence bound is called ", name);
}

/// Brief: a bound chosen by name, for one kind of statistic. It is one type for all names, so that certify is compiled
/// once.
template <vote_statistic Statistic>
class named_bound {
public:
  static constexpr sampling_design design = Statistic::design;
  std::string_view name;

  /// Throws: argument_error for an unknown name and for a bound that is not valid for the statistic, saying why.
  explicit named_bound(std::string_view wanted) {
    visit_bound(wanted, [this]<class Bound>(const Bound&) {
      if constexpr (confidence_bound<Bound, Statistic>) {
        name = Bound::name;
        lower_ = [](const Statistic& votes, std::size_t c, double alpha) { return Bound{}.lower(votes, c, alpha); };
        upper_ = [](const Statistic& votes, std::size_t c, double alpha) { return Bound{}.upper(votes, c, alpha); };
      } else {
        throw argument_error(concatenate(Bound::name, why_not<Bound>()));
      }
    });
  }

  [[nodiscard]] double lower(const Statistic& votes, std::size_t c, double alpha) const {
    return lower_(votes, c, alpha);
  }
  [[nodiscard]] double upper(const Statistic& votes, std::size_t c, double alpha) const {
    return upper_(votes, c, alpha);
  }

private:
  using side = double (*)(const Statistic&, std::size_t, double);

  template <class Bound>
  static constexpr std::string_view why_not() {
    if (!fits_design<Bound, Statistic>) {
      return " is for a number of models fixed beforehand, not for votes that decided when to stop; use "
             "jeffreys-sequence or mixture";
    }
    if (hard_vote_statistic<Statistic>) return " is for scores in a fixed order, not for counts of hard votes";
    return " is for counts of hard votes, not for scores; use mixture, betting, hoeffding-bentkus, kl, maurer-pontil "
           "or "
           "hoeffding";
  }

  side lower_ = nullptr;
  side upper_ = nullptr;
};

static_assert(confidence_bound<named_bound<vote_count>, vote_count>);
static_assert(confidence_bound<named_bound<mean_score>, mean_score>);

}  // namespace v1
}  // namespace certssb
