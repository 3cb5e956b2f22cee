// SPDX-License-Identifier: MIT
// Brief: `certssb parts`: the votes of the parts of a training set, from any framework, and what their winner survives.
#include "certssb/run/part_request.hpp"
#include "command.hpp"
#include "settings_options.hpp"

#include <memory>

namespace certssb::cli {

command make_parts(CLI::App& program) {
  struct options {
    part_request request;
    speech say;
  };
  const auto o = std::make_shared<options>();
  CLI::App* app = program.add_subcommand(
      "parts", "Bring your own parts: models trained on parts of the training set vote; how many may change at will.");
  visit_part_request(o->request, option_adder(*app));
  name_options(*app);
  o->say.add_to(*app);
  add_example(*app,
              "certssb parts --part-labels l.npy --classes 10 --budgets b.npy --failures 5 --rows-touched 3 --json");
  return {app, [o, app] {
            const auto all = naming_options(*app, [&] { return hold_election(o->request); });
            o->say.print(describe_election(all, o->request.election == "finite" ? "rows" : "survives"));
          }};
}

}  // namespace certssb::cli
