// SPDX-License-Identifier: MIT
// Brief: every attack by name through `run`: how many rows it changes and by how much, and `verify --data` carries it out
// again.
#include "small_run.hpp"

#include <cmath>

using cli_test::json;
using cli_test::program;
using cli_test::small_run;

namespace {

struct named_attack {
  const char* name;
  const char* delta;
  int rows;        ///< of 254: a tenth, and a fifth more that keep their label where the attack has covers
  int relabelled;  ///< of those
  double least;    ///< L2 of the largest pattern
  double most;
};

}  // namespace

TEST_CASE("every attack changes the rows it says by what its definition says, and is carried out again",
          "[cli][end-to-end]") {
  program p;
  // The pixels of the small images lie in [60,164] / 255. The sine has 6 periods in 16 columns, where its square sums to
  // 8 in each of 16 lines.
  const double sine = 40.0 / 255.0 * std::sqrt(8.0 * 16.0);
  const double darkest = 195.0 / 255.0;
  const double brightest = 91.0 / 255.0;
  for (const named_attack& a : {named_attack{"one-pixel", "0.2", 25, 25, 0.2 - 1e-6, 0.2 + 1e-6},
                                named_attack{"four-pixel", "0.2", 25, 25, 0.2 - 1e-6, 0.2 + 1e-6},
                                named_attack{"blending", "0.2", 25, 25, 0.2 - 1e-6, 0.2 + 1e-6},
                                named_attack{"badnets", "3", 25, 25, 3.0 * brightest, 3.0 * darkest},
                                named_attack{"blended", "0.2", 25, 25, 0.1, 0.2 * 16.0},
                                named_attack{"sig", "0.15686274509803921", 25, 0, sine - 1e-5, sine + 1e-5},
                                named_attack{"wanet", "0.5", 25 + 51, 25, 1e-3, 16.0},
                                named_attack{"label-consistent", "0.5", 25, 0, 6.0 * brightest - 0.5, 6.0 + 0.5}}) {
    CAPTURE(a.name);
    small_run run(p, {{"--attack", a.name}, {"--delta", a.delta}, {"--defences", "nearest-mean"}});
    const json data = run.results()["data"];
    CHECK(data["poisoned_rows"] == a.rows);
    CHECK(data["relabelled_rows"] == a.relabelled);
    CHECK(data["pattern_l2_max"].get<double>() >= a.least);
    CHECK(data["pattern_l2_max"].get<double>() <= a.most);
    CHECK(data["trigger_l2_max"].get<double>() > 0.0);
    run.verifies({"--data"});
  }
}

TEST_CASE("rows that somebody else poisoned are named by their ids, and no length is claimed", "[cli][end-to-end]") {
  program p;
  const std::string ids = p.put("ids.npy", {2}, std::vector<std::int64_t>{0, 3});
  small_run run(p, {{"--attack", "given:" + ids}, {"--defences", "nearest-mean"}});
  const json data = run.results()["data"];
  CHECK(data["poisoned_rows"] == 2);
  CHECK(data["relabelled_rows"] == 2);
  CHECK(data["pattern_l2_max"].is_null());
  run.verifies({"--data"});
}
