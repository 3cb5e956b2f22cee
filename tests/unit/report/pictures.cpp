// SPDX-License-Identifier: MIT
#include "certssb/report/certified_steps.hpp"
#include "certssb/report/plot.hpp"
#include "certssb/report/png.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>

using namespace certssb;

TEST_CASE("base64 is that of RFC 4648", "[report]") {
  const char* const plain[] = {"", "f", "fo", "foo", "foob", "fooba", "foobar"};
  const char* const coded[] = {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
  for (std::size_t i = 0; i < 7; ++i) CHECK(base64(plain[i]) == coded[i]);
  CHECK(base64(std::string_view("\xff\xfe\xfd", 3)) == "//79");
}

TEST_CASE("libpng reads back the pixels that were written", "[report]") {
  const std::vector<float> planes{0.0F, 1.0F, 0.5F, 2.0F, -1.0F, 0.2F, 1.0F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F};
  const picture image = make_picture<float>(planes, 3, 2, 2);
  CHECK(image.pixels == std::vector<std::uint8_t>{0, 0, 0, 255, 51, 0, 128, 255, 0, 255, 0, 0});
  const std::string bytes = png_bytes(image);
  png_image file{};
  file.version = PNG_IMAGE_VERSION;
  REQUIRE(png_image_begin_read_from_memory(&file, bytes.data(), bytes.size()) != 0);
  CHECK(file.width == 2);
  file.format = PNG_FORMAT_RGB;
  std::vector<std::uint8_t> pixels(12);
  REQUIRE(png_image_finish_read(&file, nullptr, pixels.data(), 0, nullptr) != 0);
  CHECK(pixels == image.pixels);
  CHECK(png_data_uri(image).starts_with("data:image/png;base64,iVBOR"));
  CHECK_THROWS_AS(make_picture<float>(planes, 2, 2, 3), argument_error);
  CHECK_THROWS_AS(make_picture<float>(planes, 1, 2, 2), argument_error);
  CHECK_THROWS_AS(png_bytes(picture{2, 2, 1, {1}}), argument_error);
}

TEST_CASE("titles cannot make gnuplot run anything", "[report]") {
  CHECK(gnuplot_text("it's `touch x`\n$(y)") == "'it''s `touch x` $(y)'");
  const detail::temporary_folder folder;
  const std::string mark = (folder.path() / "mark").string();
  const std::vector<plot_series> series{{"`touch " + mark + "`", {0.0, 0.1}, {1.0, 0.5}, false},
                                        {"published", {0.0, 0.1}, {1.0, 0.9}, true}};
  const std::string svg = plot_radii(series);
  CHECK(svg.starts_with("<svg"));
  CHECK(svg.find("published") != std::string::npos);
  CHECK(svg.find("stroke-dasharray") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(mark));
}

TEST_CASE("a curve never lies above what is known beside it", "[report]") {
  CHECK(detail::step_lines(std::vector<double>{0, 1, 2}, std::vector<double>{0.9, 0.5, 0.5}) ==
        "0 0.9\n0 0.5\n1 0.5\n2 0.5\n2 0.5\n");
  CHECK(detail::step_lines(std::vector<double>{2, 4}, std::vector<double>{0.1, 0.8}) == "2 0.1\n4 0.1\n4 0.8\n");
}

TEST_CASE("certified accuracy falls at the samples' radii, and nowhere else", "[report]") {
  // Of 10 samples 5 are right, one of them without a radius: above r lie 4, then 2, then 1, then none.
  const plot_series curve = certified_steps("c", {0.2, 0.5, 0.0, 0.2, 0.3}, 10);
  CHECK(curve.x == std::vector<double>{0.0, 0.2, 0.2, 0.3, 0.3, 0.5, 0.5});
  CHECK(curve.y == std::vector<double>{0.4, 0.4, 0.2, 0.2, 0.1, 0.1, 0.0});
  CHECK(certified_steps("none", {}, 3).x == std::vector<double>{0.0});
  // Of many radii a part is drawn, never above the share that is above r, and close to it.
  constexpr std::size_t n = 1000;
  std::vector<double> radii(n);
  for (std::size_t i = 0; i < n; ++i) radii[i] = static_cast<double>(n - i);
  const plot_series part = certified_steps("part", radii, n);
  CHECK(part.x.size() < 520);
  CHECK(part.y.back() == 0.0);
  for (std::size_t i = 2; i < part.x.size(); i += 2) {
    const double above = (static_cast<double>(n) - part.x[i]) / n;
    CHECK(part.y[i] <= above);
    CHECK(part.y[i] >= above - 1.0 / 256);
  }
}

TEST_CASE("lines that coincide are drawn once, and radii far apart on a logarithmic axis", "[report]") {
  const plot_series one{"one", {0.0, 0.2, 0.2}, {0.9, 0.9, 0.0}};
  plot_series same = one;
  same.name = "two";
  const std::string near = plot_radii({one, same});
  CHECK(near.find("one; two") != std::string::npos);
  const plot_series far{"far", {0.0, 30.0, 30.0}, {0.8, 0.8, 0.0}};
  const std::string both = plot_radii({one, far});
  CHECK(both.find("0.1") != std::string::npos);
  CHECK(both.find("one") != std::string::npos);
  CHECK(both.find("far") != std::string::npos);
  CHECK(both.find(" 10<") != std::string::npos);
}

TEST_CASE("scales are drawn for clean and poisoned rows, regions before and after", "[report]") {
  const std::vector<double> clean{0.5, 0.6, 1.0};
  CHECK(plot_scales(clean, std::vector<double>{0.7}).find("poisoned rows") != std::string::npos);
  CHECK(plot_scales(std::vector<double>(5, 0.5), {}).find("poisoned rows") == std::string::npos);
  CHECK_THROWS_AS(plot_scales({}, {}), argument_error);
  const std::vector<plot_region> before{{0, 0, 1, 0, "1"}, {1.5, 0, 1, 1, "2"}};
  const std::vector<plot_region> after{{0, 0, 1, 0, "1 keep"}, {1.5, 0, 0.5, 1, "2 trim"}};
  CHECK(plot_regions(before, after).find("2 trim") != std::string::npos);
}

TEST_CASE("histogram shares add up to one and the ends are counted", "[report]") {
  const auto shares = detail::histogram(std::vector<double>{0.0, 0.1, 0.5, 1.0}, 0.0, 1.0, 2);
  CHECK(shares == std::vector<double>{0.5, 0.5});
}

TEST_CASE("a missing gnuplot and a wrong script are told apart", "[report]") {
  CHECK_THROWS_WITH(run_gnuplot("plot nonsense("), Catch::Contains("gnuplot: stopped with status"));
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", "/nonexistent", 1);
  CHECK_THROWS_WITH(run_gnuplot("plot x"), Catch::Contains("gnuplot: cannot be started"));
  ::setenv("PATH", path.c_str(), 1);
}
