// SPDX-License-Identifier: MIT
#pragma once
// Brief: what each certificate mode states, in words for a reader of a report.

#include <cstddef>
#include <string>
#include <string_view>

namespace certssb {
inline namespace v1 {

/// Brief: what a mode states, and what that rests on, in one sentence.
[[nodiscard]] inline std::string mode_meaning(std::string_view mode) {
  if (const std::size_t flag = mode.rfind('+'); flag != std::string_view::npos) {
    const bool joint = mode.substr(flag) == "+joint";
    return mode_meaning(mode.substr(0, flag)) +
           (joint ? " Moves of the test input are covered too, together with those of the training features. Rests on: "
                    "test noise of a scale fixed beforehand."
                  : " A stated number of changed labels is covered too. Rests on: every member flipped each label with "
                    "the stated probability.");
  }
  const std::string unchanged =
      "The prediction is what it would have been had the patterns not been in the training features, ";
  const std::string within = unchanged + "as long as all patterns together are shorter than the radius";
  if (mode == "uniform") {
    return within + ". Rests on: one common noise scale, one noise draw a row and model, raw rows never read.";
  }
  if (mode == "given_scales") {
    return within +
           ", for rows with noise scales of their own, with these scales held fixed: it says what would have happened "
           "without the patterns had the same scales been used, and leaves open that a clean training set would have "
           "led to other scales.";
  }
  if (mode == "frozen") {
    return within +
           ", for scales that differ from row to row. Rests on: no scale was computed from the training features.";
  }
  if (mode == "floor") {
    return within +
           ", at the scale of the one noisy release of each row to each member; scales of its own each member found "
           "afterwards, on its released rows.";
  }
  if (mode == "ledger") {
    return within +
           ", for scales chosen adaptively. Rests on: training read each row only through noisy releases whose "
           "precisions, added up, stay below a cap fixed beforehand; the cap sets the radius.";
  }
  if (mode == "quantised") {
    return within +
           ", for scales that a selector found from the rows. Rests on: the selector was fixed independently of the "
           "data, and gives the same scale within a stated distance of each row, which bounds the radius too.";
  }
  if (mode == "semi_elastic") {
    return within +
           ", for scales that a selector found from the rows. Rests on: the selector was fixed independently of the "
           "data, and its scales change slowly, by a stated slope, for which the radius pays.";
  }
  if (mode == "uniform_l1" || mode == "laplace_l1") {
    return unchanged + "as long as the absolute changes of all entries (L1) add up to less than the radius, under " +
           (mode == "uniform_l1" ? "uniform" : "Laplace") + " noise.";
  }
  if (mode == "knn1_exact") {
    return within +
           ", for the nearest-neighbour learner on noisy rows, whose class probabilities are enclosed by arithmetic: "
           "no models, no chance of error.";
  }
  if (mode == "memory") {
    return "Another statement altogether: the one predictor that answered these inputs in this order gives every later "
           "input within the radius the same label. It says nothing of the training set.";
  }
  if (mode == "published") {
    return "Not certified. The radius as published, the test sample's own scale times the margin of the votes; shown "
           "for comparison. The noise on the training rows, not on the test sample, decides what holds.";
  }
  return "See the guarantee page of the documentation.";
}

}  // namespace v1
}  // namespace certssb
