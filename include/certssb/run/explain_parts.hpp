// SPDX-License-Identifier: MIT
#pragma once
// Brief: explains one test sample of a defence whose parts vote, from the folder of the run.

#include "certssb/certificate/named.hpp"
#include "certssb/core/expect.hpp"
#include "certssb/io/npy.hpp"
#include "certssb/report/explanation_form.hpp"
#include "certssb/report/json_parse.hpp"
#include "certssb/report/results.hpp"
#include "certssb/report/summary.hpp"
#include "certssb/report/text_table.hpp"
#include "certssb/run/saved_run.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: an explanation as an object and in words.
struct part_explanation {
  json object;
  std::string text;
};

namespace detail {

/// Brief: what samples_*.csv says of one sample; `rows` is -1 where nothing is certified.
struct stated_sample {
  std::int64_t predicted;
  std::int64_t label;
  std::int64_t rows;
  double radius;

  stated_sample(const csv_table_text& table, const std::string& mode, std::size_t sample)
      : predicted(table.integer(sample, table.column("predicted"))),
        label(table.integer(sample, table.column("label"))),
        rows(table.integer(sample, table.column("rows_" + mode))),
        radius(table.real(sample, table.column("radius_" + mode))) {}
};

}  // namespace detail

/// Brief: what the parts of one sample say, what that withstands, and what the attack of the run touches.
/// Throws: data_error if files are missing or do not fit.
[[nodiscard]] inline part_explanation explain_parts(const saved_run& run, const defence_result& d,
                                                    const evaluation_result& stated, const saved_ballot& ballot,
                                                    std::size_t sample) {
  const auto [predicted, label, rows, radius] = detail::stated_sample(ballot.samples, stated.mode, sample);
  const bool smoothed = stated.mode != "parts";
  const auto part_of = read_npy_integers(run.folder / d.name / "part_of_row.npy").values;
  const auto poisoned = read_npy_integers(run.folder / "poisoned_rows.npy").values;
  const std::int64_t* const counts = ballot.votes.values.data() + sample * ballot.classes();
  json votes = json::array();
  std::string named;
  std::int64_t parts = 0;
  for (std::size_t c = 0; c < ballot.classes(); ++c) {
    votes.push_back(counts[c]);
    parts += counts[c];
    if (counts[c] == 0) continue;
    named += concatenate(named.empty() ? "" : ", ", counts[c], " parts name ",
                         run.results.data.class_words(static_cast<std::int64_t>(c)));
  }
  const option_value* const elected = find_option(d.settings, "election");
  const std::string election = elected == nullptr ? "" : option_text(*elected);
  std::vector<std::int64_t> shifts{0};
  if (election.starts_with("finite")) shifts = read_npy_integers(run.folder / d.name / "shifts.npy").values;
  expect<data_error>(parts > 0, "votes_", stated.inputs, ".npy: sample ", sample, " has no votes");
  std::set<std::int64_t> touched;
  for (const std::int64_t row : poisoned) {
    expect<data_error>(row >= 0 && std::cmp_less(row, part_of.size()), "poisoned_rows.npy: no training row ", row);
    for (const std::int64_t shift : shifts) touched.insert((part_of[static_cast<std::size_t>(row)] + shift) % parts);
  }
  const std::string predicted_class = run.results.data.class_words(predicted);
  part_explanation e;
  e.object = {{"defence", d.name},      {"mode", stated.mode},
              {"predicted", predicted}, {"label", label},
              {"certified", rows >= 0}, {"parts", parts},
              {"part_votes", votes},    {"rows", rows >= 0 ? json(rows) : json(nullptr)},
              {"radius", radius},       {"parts_with_poisoned_rows", touched.size()}};
  e.text = "\nDefence " + d.name + ", mode " + mode_text(stated) + "\n";
  e.text +=
      detail::item("verdict", rows >= 0 ? concatenate("Certified: ", predicted_class,
                                                      predicted == label ? ", which is right." : ", which is wrong.")
                                        : concatenate("Not certified; most parts name ", predicted_class, "."));
  e.text += detail::item("meaning", meaning_of(stated.mode));
  e.text +=
      detail::item("votes", named + (smoothed ? ", each by most of its " + concatenate(d.models) + " members." : "."));
  if (election == "run-off") {
    e.text += detail::item("election",
                           "The two classes with most votes go on; each part then votes for the one of them "
                           "that it scores higher.");
  }
  if (rows >= 0) {
    const bool plurality = election.empty() || election == "plurality";
    e.text +=
        detail::item("rows", concatenate("The class stays whatever happens to ", rows, " rows, in features and labels",
                                         plurality ? ": a changed part takes one vote from it at most and gives "
                                                     "one to another class."
                                                   : ", under the election " + election + "."));
  }
  if (smoothed && rows >= 0) {
    e.text +=
        detail::item("radius", concatenate("With no row changed at will, it stays as long as all changes of features "
                                           "together are below ",
                                           decimal(radius, 4), "."));
  }
  e.text += detail::item("attack", concatenate("The ", poisoned.size(), " poisoned rows of this run lie in ",
                                               touched.size(), " of ", parts, " parts."));
  return e;
}

}  // namespace v1
}  // namespace certssb
