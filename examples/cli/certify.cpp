// SPDX-License-Identifier: MIT
// Brief: `certssb certify`: bring your own votes, from any framework's models, and get certificates.
#include "certssb/certificate/certify.hpp"

#include "arrays.hpp"
#include "certssb/bound/clopper_pearson.hpp"
#include "certssb/bound/hoeffding.hpp"
#include "certssb/certificate/given_scales.hpp"
#include "certssb/certificate/published.hpp"
#include "certssb/certificate/uniform.hpp"
#include "certssb/noise/gaussian.hpp"
#include "certssb/report/curve.hpp"
#include "certssb/report/npy.hpp"
#include "certssb/report/text_table.hpp"
#include "certssb/storage/storage_update.hpp"
#include "command.hpp"

#include <memory>
#include <optional>

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
  speech say;
};

struct issued {
  std::vector<certificate> certificates;
  std::vector<std::string> conditional_on;
  bool certified = false;
  std::size_t classes = 0;
};

template <class Table, class Bound, class Mode>
issued certify_with(const certify_options& o, const Table& votes, const Bound& bound, const Mode& mode) {
  issued result;
  result.certificates = o.both_sides ? certify(votes, bound, two_sided{}, mode, o.alpha)
                                     : certify(votes, bound, no_split{}, mode, o.alpha);
  for (const std::string_view name : mode.conditional_on()) result.conditional_on.emplace_back(name);
  result.certified = Mode::certified;
  result.classes = votes.classes();
  return result;
}

template <class Table, class Bound>
issued certify_in_mode(const certify_options& o, const Table& votes, const Bound& bound) {
  const gaussian_noise noise;
  const bool own_test_scales = !o.sigma_test.empty() && !as_real(o.sigma_test);
  if (o.mode == published_mode::name) {
    expect(!o.sigma_test.empty(), "certify: mode published needs --sigma-test, the scales of the test inputs");
    return certify_with(o, votes, bound, published_mode(read_scales(o.sigma_test, votes.samples()), noise));
  }
  expect(!o.sigma.empty(), "certify: mode ", o.mode, " needs --sigma, the scales of the training rows");
  const noise_scales training = read_scales(o.sigma, 1);
  if (o.mode == uniform_mode::name) return certify_with(o, votes, bound, uniform_mode(training, noise));
  return certify_with(o, votes, bound, given_scales_mode(training, noise, own_test_scales));
}

issued certify_votes(const certify_options& o) {
  expect(o.trials.has_value(), "certify: --votes needs --trials, the number of models M");
  npy_array<std::int64_t> votes = read_npy_integers(o.votes);
  expect<data_error>(votes.shape.size() == 2, o.votes, ": expected counts of shape [n,K], got ", votes.shape.size(),
                     " axes");
  const vote_counts counts(std::move(votes.values), votes.shape[1], *o.trials);
  if (o.bound == hoeffding::name) return certify_in_mode(o, counts, hoeffding{});
  return certify_in_mode(o, counts, clopper_pearson{});
}

issued certify_scores(const certify_options& o) {
  expect(o.bound.empty() || o.bound == hoeffding::name, "certify: ", o.bound,
         " is for counts of hard votes (--votes), not for --scores; use hoeffding");
  const npy_array<double> scores = read_npy_reals(o.scores);
  expect<data_error>(scores.shape.size() == 3, o.scores, ": expected scores of shape [M,n,K], got ",
                     scores.shape.size(), " axes");
  expect(!o.trials || *o.trials == static_cast<std::int64_t>(scores.shape[0]), "certify: --trials says ",
         o.trials.value_or(0), " models, ", o.scores, " holds ", scores.shape[0]);
  const score_table table(std::span<const double>(scores.values), scores.shape[0], scores.shape[1], scores.shape[2]);
  return certify_in_mode(o, table, hoeffding{});
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
  found["mode"] = o.mode;
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
  app->add_option("--bound", o->bound, "clopper-pearson (votes; default) or hoeffding (votes or scores)")
      ->check(CLI::IsMember({"clopper-pearson", "hoeffding"}));
  app->add_option("--mode", o->mode, "uniform, given_scales, or published (which certifies nothing)")
      ->check(CLI::IsMember({"uniform", "given_scales", "published"}))
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
