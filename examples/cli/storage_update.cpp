// SPDX-License-Identifier: MIT
// Brief: `certssb storage-update`: regions in, updated regions out.
#include "certssb/storage/storage_update.hpp"
#include "certssb/report/text_table.hpp"
#include "certssb/run/read_arrays.hpp"
#include "command.hpp"
#include "settings_options.hpp"

#include <limits>
#include <memory>

namespace certssb::cli {

namespace {

struct storage_options {
  std::string centres;
  std::string labels;
  std::string radii;
  std::string policy = "min";
  speech say;
};

void update(const storage_options& o) {
  const npy_array<double> radii = read_any_reals(o.radii);
  expect<data_error>(radii.shape.size() == 1, o.radii, ": expected radii of shape [n], got ", radii.shape.size(),
                     " axes");
  const std::size_t n = radii.values.size();
  const auto labels = read_labels(o.labels, n, abstain, std::numeric_limits<std::size_t>::max());
  const auto answers = storage_update(read_rows(o.centres, n), std::span<const label_type>(labels),
                                      std::span<const double>(radii.values), storage_policy_of(o.policy));
  json found = {{"labels", json::array()}, {"radii", json::array()}, {"events", json::array()}};
  text_table table({"row", "label", "radius", "event"});
  for (std::size_t i = 0; i < n; ++i) {
    const std::string event(event_name(answers[i].event));
    found["labels"].push_back(answers[i].label);
    found["radii"].push_back(answers[i].radius);
    found["events"].push_back(event);
    table.add({concatenate(i), concatenate(answers[i].label), decimal(answers[i].radius, 6), event});
  }
  o.say.print({found, table.text()});
}

}  // namespace

command make_storage_update(CLI::App& program) {
  const auto o = std::make_shared<storage_options>();
  CLI::App* app = program.add_subcommand(
      "storage-update", "Keep regions of different labels apart, in the order given: the first region wins.");
  const option_adder add(*app);
  add("centers", o->centres, "centres, a .npy file of n rows")->required();
  add("labels", o->labels, "labels, int64 [n]; -1 (abstain) goes with radius 0")->required();
  add("radii", o->radii, "radii, [n], finite and >= 0")->required();
  add("policy", o->policy, "radius of a sample that adopts a label: min (never above its own) or slack",
      storage_policy_names);
  o->say.add_to(*app);
  add_example(*app, "certssb storage-update --centers c.npy --labels y.npy --radii r.npy --policy min --json");
  return {app, [o] { update(*o); }};
}

}  // namespace certssb::cli
