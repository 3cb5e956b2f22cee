// SPDX-License-Identifier: MIT
// What storage-update promises, and what it does not. It keeps a ball around every answered test input, and lets no two
// balls of different labels overlap, so that the predictor never contradicts itself. But the first ball wins: the same
// inputs in another order get other radii, and even other labels. And the balls may be invented.
#include "certssb/data/synthetic.hpp"
#include "certssb/storage/region_gap.hpp"
#include "certssb/storage/storage_update.hpp"
#include "certssb/tensor/host_array.hpp"

#include <cstdio>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace {

using namespace certssb;

struct asked {
  const char* who;
  double x, y;
  label_type label;
  double radius;
};

/// Answers the inputs in the order given, and shows what became of each.
void answer(const char* title, const std::vector<asked>& inputs) {
  std::vector<double> centres;
  std::vector<label_type> labels;
  std::vector<double> radii;
  for (const asked& a : inputs) {
    centres.insert(centres.end(), {a.x, a.y});
    labels.push_back(a.label);
    radii.push_back(a.radius);
  }
  const auto answers = storage_update(host_array<double>(centres, 2), std::span<const label_type>(labels),
                                      std::span<const double>(radii), storage_policy::min);
  std::printf("%s\n  input  asked             answered          what happened\n", title);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const stored_answer& given = answers[i];
    const std::string by = given.by ? std::string(" by ") + inputs[*given.by].who : std::string();
    std::printf("  %-5s  label %d, r %.2f   label %d, r %.2f   %s%s\n", inputs[i].who, static_cast<int>(labels[i]),
                radii[i], static_cast<int>(given.label), given.radius, event_name(given.event).data(), by.c_str());
  }
  std::printf("\n");
}

/// Where inputs lie densely and ask for large regions, storage-update acts on many of them.
void crowd(const dataset<host_array<double>>& inputs, double radius) {
  const std::vector<double> radii(inputs.size(), radius);
  const std::span<const double> asked(radii);
  std::map<storage_event, int> counts;
  for (const stored_answer& given : storage_update(inputs.inputs(), inputs.labels(), asked, storage_policy::min)) {
    ++counts[given.event];
  }
  std::printf("  %6.3f  %8.4f  %4d  %4d  %5d\n", radius, *region_gap(inputs.inputs(), inputs.labels(), asked),
              counts[storage_event::keep], counts[storage_event::trim], counts[storage_event::adopt]);
}

}  // namespace

int main() {
  // Two inputs 1.5 apart, of different labels, each with a ball of radius 1: they overlap.
  const asked a{"A", 0.0, 0.0, 0, 1.0};
  const asked b{"B", 1.5, 0.0, 1, 1.0};
  answer("A before B: the ball of B is trimmed", {a, b});
  answer("B before A: the ball of A is trimmed", {b, a});

  // A third input lies in the ball of B. Whether it keeps its label depends on which came first.
  const asked c{"C", 0.9, 0.2, 0, 0.2};
  answer("C last: it lies in B's ball and adopts B's label", {b, a, c});
  answer("C first: it keeps its label, and takes room from B", {c, b, a});

  // One wrong ball of any size, stored first, decides for all later inputs.
  const asked wrong{"wrong", 0.3, 0.3, 1, 5.0};
  answer("A made-up ball first: everything near it gets its label", {wrong, a, c});

  // 400 points of two overlapping clouds of the plane. In 784 dimensions images lie far apart, beside the radii of
  // certificates, and the gap between regions is large and positive; here it is negative, and more so for larger regions.
  const auto inputs = draw_dataset<double>(gaussian_blobs_problem(2, 2, 2.0, 1.0), 400, random_key{.seed = 5});
  std::printf("400 inputs of two overlapping clouds\n  radius       gap  keep  trim  adopt\n");
  for (const double radius : {0.003, 0.03, 0.1, 0.3}) crowd(inputs, radius);

  std::printf(
      "\nEach predictor is consistent with itself, whatever the radii are. None of this says anything about\n"
      "poisoned training rows: after storage-update, an adopted label counts as not certified.\n");
}
