// SPDX-License-Identifier: MIT
// Brief: `certssb certify`: bring your own votes, from any framework's models, and get certificates.
#include "arrays.hpp"
#include "certssb/bound/named.hpp"
#include "certssb/certificate/named.hpp"
#include "certssb/io/any_array.hpp"
#include "certssb/report/curve.hpp"
#include "certssb/report/text_table.hpp"
#include "certssb/run/certify_foreign.hpp"
#include "certssb/run/foreign_votes.hpp"
#include "certssb/storage/storage_update.hpp"
#include "command.hpp"
#include "numbers.hpp"
#include "settings_options.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace certssb::cli {

namespace {

struct certify_options {
  std::string votes;
  std::string scores;
  std::string predictions;
  std::optional<std::size_t> classes;
  std::optional<std::int64_t> trials;
  std::optional<double> alpha_part;
  std::optional<std::size_t> rows_touched;
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
  std::optional<std::size_t> test_draws;
  std::optional<double> flip_probability;
  std::optional<std::uint32_t> flipped_labels;
  std::string constant_within;
  std::optional<double> semi_elasticity;
  std::optional<std::size_t> row_size;
  std::string rows_changed = "many";
  speech say;
};

/// The flag's numbers, which nobody but the caller knows.
void expect_given(bool given, const certify_options& o, const char* names) {
  expect(given, "certify: mode ", o.mode, " needs ", names);
}

/// Whether the caller states what the mode assumes; where not, that is what is said first.
bool states(const certify_options& o, const mode_facts& facts) {
  return std::ranges::all_of(
      facts.to_state, [&](std::string_view name) { return std::ranges::find(o.assume, name) != o.assume.end(); });
}

/// What the mode rests on, as far as the caller says it. Votes from elsewhere are taken on trust.
mode_evidence evidence_of(const certify_options& o, const mode_request& wanted, std::size_t samples) {
  mode_evidence evidence;
  evidence.foreign = true;
  evidence.stated = o.assume;
  const mode_facts facts = facts_of(wanted.base);
  evidence.noise = facts.noise;
  const bool of_training = wanted.base != published_mode::name;
  expect_given(!of_training || !o.sigma.empty(), o, "--sigma, the scales of the training rows");
  expect_given(of_training || !o.sigma_test.empty(), o, "--sigma-test, the scales of the test inputs");
  if (of_training) evidence.training = training_scales(read_scales(o.sigma, 1));
  if (!o.sigma_test.empty()) {
    evidence.test_scales_from_data = !as_real(o.sigma_test);
    if (!of_training) evidence.test = test_scales(read_scales(o.sigma_test, samples));
  }
  if (wanted.joint) {
    const auto scale = as_real(o.sigma_test);
    expect_given(scale.has_value(), o, "--sigma-test, one number: the constant scale of the test noise");
    expect_given(o.test_draws.has_value(), o, "--test-draws, the noise draws behind one vote");
    evidence.joint_noise = test_noise{*scale, *o.test_draws};
  }
  if (wanted.label_noise) {
    expect_given(o.flip_probability && o.flipped_labels, o, "--flip-probability and --flipped-labels");
    evidence.flips = label_flips(*o.flip_probability, *o.flipped_labels);
  }
  const auto needs = [&](evidence_kind kind) { return std::ranges::find(facts.needs, kind) != facts.needs.end(); };
  expect_given(!needs(evidence_kind::constant_radii) || !o.constant_within.empty() || !states(o, facts), o,
               "--constant-within, how far each row may move at the same scale");
  expect_given(!needs(evidence_kind::selector_slope) || (o.semi_elasticity && o.row_size) || !states(o, facts), o,
               "--semi-elasticity and --row-size");
  if (!o.constant_within.empty()) {
    evidence.constant_within = read_row_values(o.constant_within, evidence.training->size());
  }
  if (o.semi_elasticity && o.row_size) {
    evidence.selector =
        elasticity{*o.semi_elasticity, *o.row_size, o.rows_changed == "one" ? changed_rows::one : changed_rows::many};
  }
  return evidence;
}

foreign_certificates issue_certificates(const certify_options& o, const foreign_votes& votes) {
  const foreign_settings settings{.mode = mode_request::parse(o.mode),
                                  .alpha = o.alpha,
                                  .bound = o.bound,
                                  .two_sided = o.both_sides,
                                  .alpha_part = o.alpha_part,
                                  .rows_touched = o.rows_touched.value_or(0)};
  const bool plain = settings.mode.base == parts_facts::name;
  expect(!plain || (o.bound.empty() && !o.both_sides), "certify: mode parts has no chance in it, so no bound");
  return certify_foreign(votes, plain ? mode_evidence{} : evidence_of(o, settings.mode, votes.samples), settings);
}

std::string joined(const std::vector<std::string>& names) {
  std::string line;
  for (const std::string& name : names) line += (line.empty() ? "" : ", ") + name;
  return line;
}

foreign_votes read_votes(const certify_options& o) {
  if (!o.votes.empty()) {
    const bool plain = o.mode == parts_facts::name;
    return votes_of_counts(read_any_integers(o.votes), plain && !o.trials ? 1 : o.trials, o.votes);
  }
  if (!o.predictions.empty()) {
    expect(o.classes.has_value(),
           "certify: --predictions needs --classes, since a class that no model names counts too");
    expect(!o.trials, "certify: --trials goes with --votes; --predictions say themselves how many models there are");
    return votes_of_predictions(read_any_integers(o.predictions), *o.classes, o.predictions);
  }
  foreign_votes votes = votes_of_scores(read_any_reals(o.scores), o.scores);
  expect(!o.trials || std::cmp_equal(*o.trials, votes.models), "certify: --trials says ", o.trials.value_or(0),
         " models, ", o.scores, " holds ", votes.models);
  return votes;
}

json curve_json(const std::vector<curve_point>& curve) {
  json points = json::array();
  for (const curve_point& p : curve) points.push_back({{"radius", p.radius}, {"value", p.fraction.value()}});
  return points;
}

void add_accuracy(json& found, const certify_options& o, std::span<const certificate> all, std::size_t classes) {
  const auto labels = read_labels(o.labels, all.size(), 0, classes);
  const std::vector<double> radii = parse_radii(o.radii);
  found["empirical_accuracy"] = empirical_accuracy(all, labels).value();
  found["certified_accuracy"] = curve_json(certified_accuracy_curve(all, labels, radii));
  found["certified_ratio"] = curve_json(certified_ratio_curve(all, radii));
  found["abstain_rate"] = abstention(all).value();
  found["average_certified_radius"] = average_certified_radius(all, labels).value();
}

/// How many samples the table for people shows.
constexpr std::size_t samples_shown = 20;

std::string share_text(const json& share) { return percent(share.get<double>()); }

/// What the certificates come to, and what they rest on.
std::string summary_text(const certify_options& o, const foreign_votes& votes, const foreign_certificates& all,
                         const json& found) {
  const issued_certificates& result = all.issued;
  const certificate& first = result.certificates.front();
  std::string text;
  if (votes.samples > samples_shown) text += concatenate("... ", votes.samples, " samples in all (--json has them).\n");
  text += result.certified ? concatenate("Mode ", o.mode, ", ", first.bound, ", alpha ", first.alpha, " a sample.\n")
                           : std::string("Mode published: shown for comparison, nothing here is certified.\n");
  if (all.alpha_part) {
    text +=
        concatenate("Each of ", votes.parts, " parts reports at level ", *all.alpha_part, "; up to ", all.failures,
                    " reports may be false. energy: with ", o.rows_touched.value_or(0), " parts changed at will.\n");
  }
  if (!o.labels.empty()) {
    text += "Right: " + share_text(found["empirical_accuracy"]) + "; abstained: " + share_text(found["abstain_rate"]) +
            ".\n";
    text_table curve({"radius above", "right", "right or wrong"});
    for (std::size_t i = 0; i < found["certified_accuracy"].size(); ++i) {
      const json& point = found["certified_accuracy"][i];
      curve.add({concatenate(point["radius"].get<double>()), share_text(point["value"]),
                 share_text(found["certified_ratio"][i]["value"])});
    }
    text += curve.text();
  }
  if (result.certified) {
    text += "Certified, provided that: " + joined(result.assumptions);
    if (!result.conditional_on.empty()) text += "; given " + joined(result.conditional_on);
    text += ".\n";
  }
  return text;
}

void certify_command(const certify_options& o) {
  const int given = static_cast<int>(!o.votes.empty()) + static_cast<int>(!o.scores.empty()) +
                    static_cast<int>(!o.predictions.empty());
  expect(given == 1, "certify: expected one of --votes, --predictions and --scores, got ", given);
  expect(!o.classes || !o.predictions.empty(), "certify: --classes goes with --predictions");
  expect(o.storage.empty() == o.inputs.empty(), "certify: --storage and --inputs go together");
  const foreign_votes votes = read_votes(o);
  expect(o.storage.empty() || votes.parts == 0, "certify: --storage is for votes of one ensemble, not of parts");
  expect(!o.rows_touched || votes.parts > 0, "certify: --rows-touched goes with votes of parts, [k,n,K]");
  foreign_certificates certified = issue_certificates(o, votes);
  issued_certificates& result = certified.issued;
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
  for (const char* key : {"labels", "radii", "rows", "budgets", "outcomes"}) found[key] = json::array();
  if (votes.parts == 0) found["lower"] = found["upper"] = json::array();
  text_table table(votes.parts == 0
                       ? std::vector<std::string>{"sample", "label", "radius", "lower", "upper", "outcome"}
                       : std::vector<std::string>{"sample", "label", "rows", "radius", "energy", "outcome"});
  for (std::size_t i = 0; i < result.certificates.size(); ++i) {
    const certificate& c = result.certificates[i];
    found["labels"].push_back(c.label);
    found["radii"].push_back(c.stated_radius());
    found["budgets"].push_back(c.budget);
    found["rows"].push_back(c.rows ? static_cast<std::int64_t>(*c.rows) : std::int64_t{-1});
    found["outcomes"].push_back(outcome_name(c.result));
    std::vector<std::string> cells{concatenate(i), concatenate(c.label)};
    if (votes.parts == 0) {
      found["lower"].push_back(c.lower);
      found["upper"].push_back(c.upper);
      cells.insert(cells.end(), {decimal(c.stated_radius(), 6), decimal(c.lower, 6), decimal(c.upper, 6)});
    } else {
      cells.insert(cells.end(),
                   {found["rows"].back().dump(), decimal(c.stated_radius(), 6), decimal(certified.energies[i], 6)});
    }
    cells.emplace_back(outcome_name(c.result));
    if (i < samples_shown) table.add(std::move(cells));
  }
  if (votes.parts > 0) {
    found["energies"] = certified.energies;
    found["failures"] = certified.failures;
    found["alpha_part"] = certified.alpha_part ? json(*certified.alpha_part) : json(nullptr);
  }
  found["mode"] = result.mode;
  found["norm"] = result.norm;
  found["assumptions"] = result.assumptions;
  found["certified"] = result.certified;
  found["conditional_on"] = result.conditional_on;
  found["alpha"] = result.certificates.front().alpha;
  found["bound"] = bound;
  if (!o.labels.empty()) add_accuracy(found, o, result.certificates, votes.classes);
  if (!o.storage.empty()) found["events"] = events;

  o.say.tell(concatenate(o.votes, o.predictions, o.scores, ": ", described(votes)));
  o.say.print(found, table.text() + summary_text(o, votes, certified, found));
}

}  // namespace

command make_certify(CLI::App& program) {
  const auto o = std::make_shared<certify_options>();
  CLI::App* app = program.add_subcommand("certify", "Bring your own votes: from M models' answers to certificates.");
  app->add_option("--votes", o->votes,
                  "counts of hard votes, [n,K]; of k parts of the training set [k,n,K]; FILE.npy or FILE.npz:NAME");
  add_whole(*app, "--trials", o->trials,
            "M, the number of models behind the votes, of each part (default: what all counts sum to)", 1);
  app->add_option("--predictions", o->predictions,
                  "instead of votes: the class that every model names, [M,n], of k parts [k,M,n]; with --classes");
  add_whole(*app, "--classes", o->classes, "of --predictions: K, how many classes there are", 2, 1'000'000);
  app->add_option("--scores", o->scores, "instead of votes: every model's scores, [M,n,K] in [0,1]");
  app->add_option("--sigma", o->sigma, "noise scale of the training rows: a number, or a .npy file of one a row");
  app->add_option("--sigma-test", o->sigma_test, "noise scale of the test inputs: a number or a .npy file");
  add_real(*app, "--alpha-part", o->alpha_part,
           "of parts: chance that one part's report is false (default: the best for unanimous votes)",
           between_zero_and_one);
  add_whole(*app, "--rows-touched", o->rows_touched,
            "of parts: how many are changed at will, beside the energy that is printed (default 0)", 0);
  add_real(*app, "--alpha", o->alpha, "chance that a sample's certificate fails, in (0,1)", between_zero_and_one);
  app->add_option("--bound", o->bound,
                  "by name, as in certssb bound, or jeffreys-sequence (default: clopper-pearson "
                  "for votes, mixture for scores)")
      ->check(CLI::IsMember(std::vector<std::string>(bound_names.begin(), bound_names.end())));
  app->add_option("--mode", o->mode, "of votes: " + mode_list_text())->capture_default_str();
  app->add_option("--assume", o->assume, "an assumption that you state, where the mode asks for one (repeatable)");
  add_whole(*app, "--test-draws", o->test_draws, "+joint: noise draws behind one vote", 1, 1'000'000);
  add_real(*app, "--flip-probability", o->flip_probability, "+label-noise: chance that a member flips a label",
           real_range{.low = 0.0, .high = 0.5, .with_low = true});
  add_whole(*app, "--flipped-labels", o->flipped_labels, "+label-noise: how many changed labels are covered", 0,
            100'000);
  app->add_option("--constant-within", o->constant_within,
                  "quantised: how far a row may move at the same scale, a "
                  "number or a .npy file of one a row");
  add_real(*app, "--semi-elasticity", o->semi_elasticity, "semi_elastic: slope of log sigma per input unit",
           at_least_zero);
  add_whole(*app, "--row-size", o->row_size, "semi_elastic: entries of a row", 1, 1'000'000'000);
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
  return {app, [o] { naming_options([&] { certify_command(*o); }); }};
}

}  // namespace certssb::cli
