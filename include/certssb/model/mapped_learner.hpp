// SPDX-License-Identifier: MIT
#pragma once
// Brief: a learner that looks at its rows through a fixed map of their entries, and its model at test inputs likewise.

#include "certssb/core/expect.hpp"
#include "certssb/core/random.hpp"
#include "certssb/data/concept.hpp"
#include "certssb/tensor/concept.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: what a member sees of an entry x: x, or sign(x) sqrt|x|, which brings out what is faint.
enum class input_map { none, square_root };

inline constexpr auto input_map_names = std::to_array<std::string_view>({"none", "square-root"});

/// Brief: the map of this name.
/// Throws: argument_error for another name.
[[nodiscard]] inline input_map input_map_of(std::string_view name) {
  const auto found = std::ranges::find(input_map_names, name);
  expect(found != input_map_names.end(), "map: expected none or square-root, got ", name);
  return static_cast<input_map>(found - input_map_names.begin());
}

/// Brief: applies a map to every entry of a batch.
/// Cost: one copy of the batch to the host and back, unless the map is none.
template <tensor Tensor>
void apply_map(input_map map, Tensor& batch) {
  using traits = tensor_traits<Tensor>;
  using scalar = scalar_of<Tensor>;
  if (map == input_map::none || traits::rows(batch) == 0) return;
  std::vector<scalar> values(traits::rows(batch) * traits::row_size(batch));
  traits::read(batch, 0, std::span<scalar>(values));
  for (scalar& value : values) value = std::copysign(std::sqrt(std::abs(value)), value);
  traits::write(batch, 0, std::span<const scalar>(values));
}

/// Brief: a copy of a batch, which need not be copyable itself.
template <tensor Tensor>
[[nodiscard]] Tensor copy_of(const Tensor& batch) {
  using traits = tensor_traits<Tensor>;
  std::vector<scalar_of<Tensor>> values(traits::rows(batch) * traits::row_size(batch));
  Tensor copy = traits::make(traits::rows(batch), batch);
  if (values.empty()) return copy;
  traits::read(batch, 0, std::span<scalar_of<Tensor>>(values));
  traits::write(copy, 0, std::span<const scalar_of<Tensor>>(values));
  return copy;
}

/// Brief: rows whose entries are mapped when they are gathered. Ids and labels stay as they are.
/// Requires: `rows` outlives the view. The noise that the rows state is no longer theirs, so that none is stated.
template <row_source Rows>
class mapped_rows {
public:
  using tensor_type = typename Rows::tensor_type;

  mapped_rows(const Rows& rows, input_map map) : rows_(rows), map_(map) {}

  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  [[nodiscard]] std::size_t classes() const { return rows_.classes(); }
  [[nodiscard]] std::span<const label_type> labels() const { return rows_.labels(); }
  [[nodiscard]] std::span<const std::uint32_t> ids() const { return rows_.ids(); }
  [[nodiscard]] std::span<const std::size_t> row_shape() const { return rows_.row_shape(); }
  [[nodiscard]] tensor_type make(std::size_t n) const { return rows_.make(n); }
  void gather(std::span<const std::size_t> positions, tensor_type& out) const {
    rows_.gather(positions, out);
    apply_map(map_, out);
  }

private:
  const Rows& rows_;
  input_map map_;
};

/// Brief: a model of mapped rows, which maps its inputs first.
template <class Model>
struct mapped_model {
  Model inner;
  input_map map;

  [[nodiscard]] std::size_t classes() const { return inner.classes(); }
  template <tensor Tensor>
  void scores(const Tensor& x, std::span<scalar_of<Tensor>> out) {
    if (map == input_map::none) {
      inner.scores(x, out);
      return;
    }
    Tensor seen = copy_of(x);
    apply_map(map, seen);
    inner.scores(seen, out);
  }
};

/// Brief: trains `Inner` on mapped rows. Free inside a member: what a member computes from its own rows and from the
/// fixed test input changes no certificate.
template <class Inner>
class mapped_learner {
public:
  mapped_learner(Inner inner, input_map map) : inner_(std::move(inner)), map_(map) {}

  /// Throws: as the inner learner.
  template <row_source Rows>
  [[nodiscard]] auto fit(const Rows& rows, const random_key& key) const {
    const mapped_rows<Rows> seen(rows, map_);
    auto model = inner_.fit(seen, key);
    return mapped_model<decltype(model)>{std::move(model), map_};
  }

private:
  Inner inner_;
  input_map map_;
};

}  // namespace v1
}  // namespace certssb
