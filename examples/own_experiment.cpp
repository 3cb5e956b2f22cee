// SPDX-License-Identifier: MIT
// Brief: a whole experiment on data of one's own: mails in the layout of UCI spambase (57 columns and a label), a learner,
// a trigger and a label map written here; what comes out is the table of certificates, and a folder with report.html.
//
//     own_experiment [spambase.data [FOLDER]]
#include "certssb/backend/tbb.hpp"
#include "certssb/io/csv.hpp"
#include "certssb/report/summary.hpp"
#include "certssb/run/experiment.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <span>
#include <string>
#include <vector>

using namespace certssb;

/// The learner: a class is scored by how near its mean is.
struct nearest_centroid {
  struct model {
    std::vector<double> means;  // [K,d]
    std::size_t k;
    [[nodiscard]] std::size_t classes() const { return k; }
    void scores(const host_array<float>& x, std::span<float> out) const {
      std::vector<double> square(k);
      for (std::size_t i = 0; i < out.size() / k; ++i) {
        for (std::size_t c = 0; c < k; ++c) {
          square[c] = 0.0;
          for (std::size_t p = 0; p < x.row_size; ++p) {
            square[c] += std::pow(x.values[i * x.row_size + p] - means[c * x.row_size + p], 2);
          }
        }
        const double least = *std::min_element(square.begin(), square.end());
        double total = 0.0;
        for (double& s : square) total += s = std::exp(-0.5 * (s - least));
        for (std::size_t c = 0; c < k; ++c) out[i * k + c] = static_cast<float>(square[c] / total);
      }
    }
  };

  template <row_source Rows>
  [[nodiscard]] model fit(const Rows& rows, const random_key&) const {
    auto one = rows.make(1);
    model made{std::vector<double>(rows.classes() * one.row_size), rows.classes()};
    std::vector<double> count(made.k, 1e-9);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      rows.gather(std::vector{i}, one);
      const auto c = static_cast<std::size_t>(rows.labels()[i]);
      count[c] += 1.0;
      for (std::size_t p = 0; p < one.row_size; ++p) made.means[c * one.row_size + p] += one.values[p];
    }
    for (std::size_t at = 0; at < made.means.size(); ++at) made.means[at] /= count[at / one.row_size];
    return made;
  }
};

/// The trigger: three words that mark honest mail, each a good deal more frequent.
struct honest_words {
  void apply(std::span<float> row, std::span<const std::size_t>) const {
    for (std::size_t word = 24; word < 27; ++word) row[word] += 0.1F;
  }
};

/// The label map: spam (1) is to pass for mail (0).
struct spam_to_mail {
  [[nodiscard]] label_type operator()(label_type) const { return 0; }
};

int main(int count, char** words) try {
  const std::string file = count > 1 ? words[1] : CERTSSB_EXAMPLE_DATA "/spam_like.csv";
  const std::filesystem::path out =
      count > 2 ? words[2] : (std::filesystem::temp_directory_path() / "certssb-own-experiment").string();

  // Columns to [0,1] by constants that no row was asked for: frequencies are percentages, lengths below 20,000.
  const csv_table_text table = read_csv(file, {.header = false});
  std::vector<float> values;
  std::vector<label_type> labels;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    for (std::size_t c = 0; c < 57; ++c) {
      values.push_back(static_cast<float>(std::log1p(table.real(i, c)) / std::log1p(c < 54 ? 100.0 : 20'000.0)));
    }
    labels.push_back(table.integer(i, 57));
  }
  const dataset mails(host_array<float>(values, 57), labels, 2);
  const auto split = train_test_split(mails, 0.3, random_key{1});

  run_settings settings;
  settings.training.sigma = 0.25;
  settings.training.models = 100;
  settings.certification.radii = {0.0, 0.1, 0.2, 0.3};
  settings.defences = {"rab", "certified"};
  settings.seed = 1;

  const backdoor_attack attack{honest_words{}, spam_to_mail{}, 0.1};
  silent_observer watch;
  run_folder folder(out, existing_run::overwrite);
  const run_results results =
      run_experiment(split, attack, nearest_centroid{}, settings, tbb_executor{}, watch, &folder);
  std::cout << attack_text(results) << '\n' << evaluation_table(std::vector{named_run{"mails", results}}).text();
} catch (const std::exception& problem) {
  std::cerr << problem.what() << '\n';
  return 2;
}
