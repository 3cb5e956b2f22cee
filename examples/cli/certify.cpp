// SPDX-License-Identifier: MIT
// Brief: `certssb certify`: bring your own votes, from any framework's models, and get certificates.
#include "certssb/certificate/certify.hpp"

#include "arrays.hpp"
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/named.hpp"
#include "certssb/certificate/floor.hpp"
#include "certssb/certificate/frozen.hpp"
#include "certssb/certificate/given_scales.hpp"
#include "certssb/certificate/joint.hpp"
#include "certssb/certificate/label_noise.hpp"
#include "certssb/certificate/laplace_l1.hpp"
#include "certssb/certificate/ledger.hpp"
#include "certssb/certificate/published.hpp"
#include "certssb/certificate/quantised.hpp"
#include "certssb/certificate/semi_elastic.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/certificate/uniform_l1.hpp"
#include "certssb/io/npy.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/noise/laplace.hpp"
#include "certssb/noise/uniform.hpp"
#include "certssb/report/curve.hpp"
#include "certssb/report/text_table.hpp"
#include "certssb/storage/storage_update.hpp"
#include "command.hpp"
#include "mode_request.hpp"

#include <algorithm>
#include <concepts>
#include <memory>
#include <optional>
#include <type_traits>

namespace certssb::cli {

namespace {

struct certify_options {
  std::string votes;
  std::string scores;
  std::optional<std::int64_t> trials;
  std::string sigma;
  std::string sigma_test;
  double alpha = 0.001;
  std::string bound;
  std::string mode = "uniform";
  bool both_sides = false;
  std::string labels;
  std::string radii = "0,0.05,...,0.5";
  std::string inputs;
  std::string storage;
  std::vector<std::string> assume;
  std::size_t test_draws = 1;
  double flip_probability = 0.2;
  std::size_t flipped_labels = 1;
  std::string constant_within;
  std::optional<double> semi_elasticity;
  std::optional<std::size_t> row_size;
  std::string rows_changed = "many";
  speech say;
};

struct issued {
  std::vector<certificate> certificates;
  std::vector<std::string> assumptions;
  std::vector<std::string> conditional_on;
  std::string mode;
  std::string norm;
  bool certified = false;
  std::size_t classes = 0;
};

template <certificate_mode Mode>
issued issue_in(const bounded_votes& votes, const Mode& mode) {
  const name_list assumptions = mode.assumptions;
  const name_list conditions = mode.conditional_on();
  return {issue(votes, mode),
          {assumptions.begin(), assumptions.end()},
          {conditions.begin(), conditions.end()},
          std::string(mode.name),
          std::string(mode.norm),
          Mode::certified,
          votes.classes};
}

/// What the program cannot see for itself, the caller must say.
void expect_stated(const certify_options& o, std::string_view name) {
  expect(std::ranges::find(o.assume, name) != o.assume.end(), "certify: mode ", o.mode, " assumes ", name,
         "; state it with --assume ", name);
}

/// Issues in a mode with the flags asked for, where it takes them.
template <class Mode>
issued issue_with_flags(const certify_options& o, const bounded_votes& votes, const Mode& mode) {
  const mode_request wanted = mode_request::parse(o.mode);
  const auto with_labels = [&](const auto& inner) {
    if constexpr (label_noise_base<std::remove_cvref_t<decltype(inner)>>) {
      if (wanted.label_noise) {
        expect_stated(o, assume::labels_flipped_in_every_member::name);
        const label_flips flips(o.flip_probability, static_cast<std::uint32_t>(o.flipped_labels));
        return issue_in(votes, label_noise(inner, flips, assume::labels_flipped_in_every_member{}));
      }
    }
    return issue_in(votes, inner);
  };
  if constexpr (std::derived_from<Mode, gaussian_rows>) {
    if (wanted.joint) {
      expect_stated(o, assume::test_scale_fixed_beforehand::name);
      const auto scale = as_real(o.sigma_test);
      expect(scale.has_value(), "certify: +joint needs --sigma-test, one number: the constant scale of the test noise");
      return with_labels(
          joint(mode, test_noise{*scale, o.test_draws}, gaussian_noise{}, assume::test_scale_fixed_beforehand{}));
    }
  }
  return with_labels(mode);
}

issued issue_mode(const certify_options& o, const bounded_votes& votes) {
  const gaussian_noise noise;
  if (o.mode == published_mode::name) {
    expect(!o.sigma_test.empty(), "certify: mode published needs --sigma-test, the scales of the test inputs");
    return issue_in(votes, published_mode(read_scales(o.sigma_test, votes.samples.size()), noise));
  }
  const std::string base = mode_request::parse(o.mode).base;
  expect(!o.sigma.empty(), "certify: mode ", o.mode, " needs --sigma, the scales of the training rows");
  const noise_scales training = read_scales(o.sigma, 1);
  if (base == "given_scales") {
    const bool own_test_scales = !o.sigma_test.empty() && !as_real(o.sigma_test);
    return issue_in(votes, given_scales_mode(training, noise, own_test_scales));
  }
  if (base == "frozen") {
    expect_stated(o, assume::scales_independent_of_features::name);
    return issue_with_flags(o, votes, frozen_mode(training, noise, assume::scales_independent_of_features{}));
  }
  if (base == "floor") return issue_with_flags(o, votes, floor_mode(training, noise));
  if (base == "ledger") {
    expect_stated(o, assume::rows_read_only_through_the_ledger::name);
    std::vector<double> caps;
    for (const double sigma : training.values()) caps.push_back(1.0 / (sigma * sigma));
    return issue_with_flags(o, votes, ledger_mode(caps, noise, assume::rows_read_only_through_the_ledger{}));
  }
  if (base == "quantised") {
    expect_stated(o, assume::selector_fixed_independently_of_data::name);
    expect(!o.constant_within.empty(), "certify: mode quantised needs --constant-within, how far each row may move");
    return issue_with_flags(o, votes,
                            quantised_mode(training, read_row_values(o.constant_within, training.size()), noise,
                                           assume::selector_fixed_independently_of_data{}));
  }
  if (base == "semi_elastic") {
    expect_stated(o, assume::selector_fixed_independently_of_data::name);
    expect(o.semi_elasticity && o.row_size, "certify: mode semi_elastic needs --semi-elasticity and --row-size");
    const elasticity selector{*o.semi_elasticity, *o.row_size,
                              o.rows_changed == "one" ? changed_rows::one : changed_rows::many};
    return issue_in(votes,
                    semi_elastic_mode(training, selector, noise, assume::selector_fixed_independently_of_data{}));
  }
  if (base == "uniform_l1") return issue_in(votes, uniform_l1_mode(training, uniform_noise{}));
  if (base == "laplace_l1") return issue_in(votes, laplace_l1_mode(training, laplace_noise{}));
  expect(base == "uniform", "certify: mode ", base, " is not one of votes with --sigma; see certssb run");
  return issue_with_flags(o, votes, uniform_mode(training, noise));
}

template <class Table, class Bound>
issued certify_in_mode(const certify_options& o, const Table& votes, const Bound& bound) {
  if (o.both_sides) return issue_mode(o, bound_votes(votes, bound, two_sided{}, o.alpha));
  if constexpr (std::same_as<Bound, jeffreys_sequence>) {
    return issue_mode(o, bound_votes(votes, bound, every_class{}, o.alpha));
  } else {
    return issue_mode(o, bound_votes(votes, bound, no_split{}, o.alpha));
  }
}

issued certify_votes(const certify_options& o) {
  expect(o.trials.has_value(), "certify: --votes needs --trials, the number of models M");
  npy_array<std::int64_t> votes = read_npy_integers(o.votes);
  expect<data_error>(votes.shape.size() == 2, o.votes, ": expected counts of shape [n,K], got ", votes.shape.size(),
                     " axes");
  const vote_counts counts(std::move(votes.values), votes.shape[1], *o.trials);
  const std::string bound = o.bound.empty() ? std::string(clopper_pearson::name) : o.bound;
  if (bound == jeffreys_sequence::name) return certify_in_mode(o, counts, jeffreys_sequence{});
  return certify_in_mode(o, counts, named_bound<vote_count>(bound));
}

issued certify_scores(const certify_options& o) {
  const named_bound<mean_score> bound(o.bound.empty() ? std::string(mixture::name) : o.bound);
  const npy_array<double> scores = read_npy_reals(o.scores);
  expect<data_error>(scores.shape.size() == 3, o.scores, ": expected scores of shape [M,n,K], got ",
                     scores.shape.size(), " axes");
  expect(!o.trials || *o.trials == static_cast<std::int64_t>(scores.shape[0]), "certify: --trials says ",
         o.trials.value_or(0), " models, ", o.scores, " holds ", scores.shape[0]);
  const score_table table(std::span<const double>(scores.values), scores.shape[0], scores.shape[1], scores.shape[2]);
  return certify_in_mode(o, table, bound);
}

json curve_json(const std::vector<curve_point>& curve) {
  json points = json::array();
  for (const curve_point& p : curve) points.push_back({{"radius", p.radius}, {"value", p.fraction.value()}});
  return points;
}

void add_accuracy(json& found, const certify_options& o, const issued& result) {
  const auto labels = read_labels(o.labels, result.certificates.size(), 0, result.classes);
  const std::vector<double> radii = parse_radii(o.radii);
  const std::span<const certificate> all(result.certificates);
  found["empirical_accuracy"] = empirical_accuracy(all, labels).value();
  found["certified_accuracy"] = curve_json(certified_accuracy_curve(all, labels, radii));
  found["certified_ratio"] = curve_json(certified_ratio_curve(all, radii));
  found["abstain_rate"] = abstention(all).value();
  found["average_certified_radius"] = average_certified_radius(all, labels).value();
}

void certify_command(const certify_options& o) {
  expect(o.votes.empty() != o.scores.empty(), "certify: expected either --votes or --scores");
  expect(o.storage.empty() == o.inputs.empty(), "certify: --storage and --inputs go together");
  issued result = o.scores.empty() ? certify_votes(o) : certify_scores(o);
  const std::string_view bound = result.certificates.front().bound;
  json events = json::array();
  if (!o.storage.empty()) {
    const auto answers = storage_update(read_rows(o.inputs, result.certificates.size()),
                                        std::span<const certificate>(result.certificates),
                                        o.storage == "min" ? storage_policy::min : storage_policy::slack);
    result.certificates = after_storage(result.certificates, answers);
    for (const stored_answer& answer : answers) events.push_back(event_name(answer.event));
  }

  json found = json::object();
  for (const char* key : {"labels", "radii", "budgets", "lower", "upper", "outcomes"}) found[key] = json::array();
  text_table table({"sample", "label", "radius", "lower", "upper", "outcome"});
  for (std::size_t i = 0; i < result.certificates.size(); ++i) {
    const certificate& c = result.certificates[i];
    found["labels"].push_back(c.label);
    found["radii"].push_back(c.claimed());
    found["budgets"].push_back(c.budget);
    found["lower"].push_back(c.lower);
    found["upper"].push_back(c.upper);
    found["outcomes"].push_back(outcome_name(c.result));
    table.add({concatenate(i), concatenate(c.label), decimal(c.claimed(), 6), decimal(c.lower, 6), decimal(c.upper, 6),
               std::string(outcome_name(c.result))});
  }
  found["mode"] = result.mode;
  found["norm"] = result.norm;
  found["assumptions"] = result.assumptions;
  found["certified"] = result.certified;
  found["conditional_on"] = result.conditional_on;
  found["alpha"] = o.alpha;
  found["bound"] = bound;
  if (!o.labels.empty()) add_accuracy(found, o, result);
  if (!o.storage.empty()) found["events"] = events;

  const std::string note = result.certified
                               ? concatenate("Mode ", o.mode, ", ", bound, ", alpha ", o.alpha, " a sample.\n")
                               : "Mode published: shown for comparison, nothing here is certified.\n";
  o.say.print(found, table.text() + note);
}

}  // namespace

command make_certify(CLI::App& program) {
  const auto o = std::make_shared<certify_options>();
  CLI::App* app = program.add_subcommand("certify", "Bring your own votes: from M models' answers to certificates.");
  app->add_option("--votes", o->votes, "counts of hard votes, int64 [n,K]; with --trials");
  app->add_option("--trials", o->trials, "M, the number of models behind the votes");
  app->add_option("--scores", o->scores, "instead of votes: every model's scores, [M,n,K] in [0,1]");
  app->add_option("--sigma", o->sigma, "noise scale of the training rows: a number, or a .npy file of one a row");
  app->add_option("--sigma-test", o->sigma_test, "noise scale of the test inputs: a number or a .npy file");
  app->add_option("--alpha", o->alpha, "chance that a sample's certificate fails, in (0,1)")->capture_default_str();
  app->add_option("--bound", o->bound,
                  "by name, as in certssb bound, or jeffreys-sequence (default: clopper-pearson "
                  "for votes, mixture for scores)")
      ->check(CLI::IsMember(std::vector<std::string>(bound_names.begin(), bound_names.end())));
  app->add_option("--mode", o->mode,
                  "uniform, given_scales, frozen, ledger, floor, quantised, semi_elastic, uniform_l1, laplace_l1, each "
                  "with +joint or +label-noise where they go, or published (which certifies nothing)")
      ->capture_default_str();
  app->add_option("--assume", o->assume, "an assumption that you state, where the mode asks for one (repeatable)");
  app->add_option("--test-draws", o->test_draws, "+joint: noise draws behind one vote")->capture_default_str();
  app->add_option("--flip-probability", o->flip_probability, "+label-noise: chance that a member flips a label")
      ->capture_default_str();
  app->add_option("--flipped-labels", o->flipped_labels, "+label-noise: how many changed labels are covered")
      ->capture_default_str();
  app->add_option("--constant-within", o->constant_within,
                  "quantised: how far a row may move at the same scale, a "
                  "number or a .npy file of one a row");
  app->add_option("--semi-elasticity", o->semi_elasticity, "semi_elastic: slope of log sigma per input unit");
  app->add_option("--row-size", o->row_size, "semi_elastic: entries of a row");
  app->add_option("--rows-changed", o->rows_changed, "semi_elastic: many, or one")
      ->check(CLI::IsMember({"many", "one"}))
      ->capture_default_str();
  app->add_flag("--two-sided", o->both_sides, "bound p_A and p_B apart instead of p_B <= 1 - p_A");
  app->add_option("--labels", o->labels, "true labels, int64 [n]: adds accuracies");
  app->add_option("--radii", o->radii, "where accuracies are wanted")->capture_default_str();
  app->add_option("--inputs", o->inputs, "the test inputs, n rows: needed by --storage");
  app->add_option("--storage", o->storage, "apply storage-update with this policy: min or slack")
      ->check(CLI::IsMember({"min", "slack"}));
  o->say.add_to(*app);
  add_example(*app, "certssb certify --votes v.npy --trials 100 --sigma 0.5 --mode uniform --alpha 0.001 --json");
  return {app, [o] { certify_command(*o); }};
}

}  // namespace certssb::cli
