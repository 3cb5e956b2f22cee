// SPDX-License-Identifier: MIT
#pragma once
// Brief: the members of NumPy's .npz archives, stored or deflated.

#include "certssb/core/expect.hpp"
#include "certssb/io/files.hpp"

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace certssb {
inline namespace v1 {

/// Brief: a member of an archive, as the archive's list has it.
struct npz_member {
  std::string name;            ///< without .npy
  std::uint32_t method = 0;    ///< 0 stored, 8 deflated
  std::uint32_t crc = 0;       ///< CRC-32 of the content
  std::uint64_t packed = 0;    ///< bytes in the archive
  std::uint64_t unpacked = 0;  ///< bytes of the content
  std::uint64_t begin = 0;     ///< where its local header begins
};

/// Brief: an archive whose list was read and checked; contents are read when asked for.
/// Reference: APPNOTE.TXT, PKWARE's description of .zip files, of which one disk without encryption is read.
class npz_archive {
public:
  /// Throws: data_error if the file is missing or no such archive.
  /// Cost: the list of members, which must lie in the file.
  explicit npz_archive(const std::filesystem::path& path) : name_(path.string()), size_(size_of_file(path)) {
    in_.open(path, std::ios::binary);
    expect<data_error>(in_.is_open(), name_, ": cannot be opened");
    read_list();
  }

  [[nodiscard]] const std::vector<npz_member>& members() const noexcept { return members_; }

  /// Brief: the content of a member.
  /// Throws: data_error if there is no such member, or if it is packed otherwise, truncated or not what the list says.
  /// Cost: grows with what unpacks, which is at most 1032 times the packed bytes.
  [[nodiscard]] std::string read(std::string_view name) {
    const auto found = std::ranges::find(members_, name, &npz_member::name);
    std::string known;
    for (const npz_member& m : members_) known += (known.empty() ? "" : ", ") + m.name;
    expect<data_error>(found != members_.end(), name_, ": expected one of the members ", known, ", got ", name);
    const std::string place = name_ + ":" + found->name;
    const std::string local = bytes_at(found->begin, 30, place);
    expect<data_error>(local.starts_with("PK\x03\x04"), place, ": its header is not where the list says");
    const std::uint64_t begin = found->begin + 30 + whole(local, 26, 2) + whole(local, 28, 2);
    expect<data_error>(begin <= size_ && found->packed <= size_ - begin, place, ": truncated: expected ", found->packed,
                       " bytes, the file has ", size_);
    expect<data_error>(found->method == 0 || found->method == 8, place,
                       ": expected a member that is stored or deflated, got method ", found->method);
    std::string content = bytes_at(begin, found->packed, place);
    if (found->method == 8) content = inflated(content, found->unpacked, place);
    const auto crc = crc_of(content);
    expect<data_error>(content.size() == found->unpacked && crc == found->crc, place,
                       ": its content is not what the archive's list says");
    return content;
  }

private:
  [[nodiscard]] static std::uint64_t whole(std::string_view bytes, std::size_t at, std::size_t width) {
    std::uint64_t value = 0;
    for (std::size_t i = width; i-- > 0;) value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
    return value;
  }

  [[nodiscard]] static std::uint32_t crc_of(std::string_view content) {
    uLong crc = ::crc32(0, nullptr, 0);
    while (!content.empty()) {
      const std::size_t some = std::min<std::size_t>(content.size(), std::size_t{1} << 30U);
      crc = ::crc32(crc, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(some));
      content.remove_prefix(some);
    }
    return static_cast<std::uint32_t>(crc);
  }

  [[nodiscard]] std::string bytes_at(std::uint64_t begin, std::uint64_t count, const std::string& place) {
    expect<data_error>(begin <= size_ && count <= size_ - begin, place, ": truncated: expected ", count, " bytes at ",
                       begin, ", the file has ", size_);
    std::string bytes(static_cast<std::size_t>(count), '\0');
    in_.clear();
    in_.seekg(static_cast<std::streamoff>(begin));
    in_.read(bytes.data(), static_cast<std::streamsize>(count));
    expect<data_error>(static_cast<std::uint64_t>(in_.gcount()) == count, place, ": expected ", count, " bytes, got ",
                       in_.gcount());
    return bytes;
  }

  [[nodiscard]] static std::string inflated(const std::string& packed, std::uint64_t unpacked,
                                            const std::string& place) {
    expect<data_error>(unpacked / 1032 <= packed.size() && packed.size() < std::numeric_limits<uInt>::max(), place,
                       ": claims to unpack to ", unpacked, " bytes, more than ", packed.size(), " bytes can");
    z_stream stream{};
    expect<data_error>(::inflateInit2(&stream, -MAX_WBITS) == Z_OK, place, ": zlib is not ready");
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    std::string content;
    std::vector<char> buffer(std::size_t{1} << 18U);
    int state = Z_OK;
    while (state == Z_OK && content.size() <= unpacked) {
      stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
      stream.avail_out = static_cast<uInt>(buffer.size());
      state = ::inflate(&stream, Z_NO_FLUSH);
      content.append(buffer.data(), buffer.size() - stream.avail_out);
    }
    const bool all = stream.avail_in == 0;
    ::inflateEnd(&stream);
    expect<data_error>(state == Z_STREAM_END && all, place, ": cannot be unpacked");
    return content;
  }

  void read_list() {
    // The end of the list is 22 bytes and a comment of up to 65535.
    const std::uint64_t tail = std::min<std::uint64_t>(size_, 22 + 65535);
    const std::string last = bytes_at(size_ - tail, tail, name_);
    const std::size_t found = last.rfind("PK\x05\x06");
    expect<data_error>(found != std::string::npos && last.size() - found >= 22, name_,
                       ": expected an .npz archive, got something else or a truncated one");
    std::uint64_t entries = whole(last, found + 10, 2);
    std::uint64_t bytes = whole(last, found + 12, 4);
    std::uint64_t begin = whole(last, found + 16, 4);
    if (entries == 0xFFFF || bytes == 0xFFFFFFFF || begin == 0xFFFFFFFF) {  // in the longer form before it
      expect<data_error>(found >= 20 && last.substr(found - 20, 4) == "PK\x06\x07", name_,
                         ": its list is not complete");
      const std::string longer = bytes_at(whole(last, found - 12, 8), 56, name_);
      expect<data_error>(longer.starts_with("PK\x06\x06"), name_, ": its list is not complete");
      entries = whole(longer, 32, 8);
      bytes = whole(longer, 40, 8);
      begin = whole(longer, 48, 8);
    }
    expect<data_error>(entries <= bytes / 46, name_, ": its list claims ", entries, " members in ", bytes, " bytes");
    expect<data_error>(bytes <= std::uint64_t{1} << 26U, name_, ": expected a list of at most 64 MiB, got ", bytes,
                       " bytes");
    const std::string list = bytes_at(begin, bytes, name_);
    std::string_view left(list);
    for (std::uint64_t i = 0; i < entries; ++i) left.remove_prefix(read_entry(left));
  }

  /// How many bytes the entry has.
  std::size_t read_entry(std::string_view entry) {
    const auto check = [&](bool holds) { expect<data_error>(holds, name_, ": its list of members is damaged"); };
    check(entry.size() >= 46 && entry.starts_with("PK\x01\x02"));
    const std::size_t name = whole(entry, 28, 2);
    const std::size_t extra = whole(entry, 30, 2);
    const std::size_t all = 46 + name + extra + whole(entry, 32, 2);
    check(entry.size() >= all);
    expect<data_error>((whole(entry, 8, 2) & 1U) == 0, name_, ": expected members that are not encrypted");
    npz_member m{.name = std::string(entry.substr(46, name)),
                 .method = static_cast<std::uint32_t>(whole(entry, 10, 2)),
                 .crc = static_cast<std::uint32_t>(whole(entry, 16, 4)),
                 .packed = whole(entry, 20, 4),
                 .unpacked = whole(entry, 24, 4),
                 .begin = whole(entry, 42, 4)};
    if (m.name.ends_with(".npy")) m.name.resize(m.name.size() - 4);
    std::string_view fields = entry.substr(46 + name, extra);
    while (fields.size() >= 4) {
      const std::size_t length = whole(fields, 2, 2);
      check(fields.size() >= 4 + length);
      std::string_view longer = fields.substr(4, length);
      const auto take = [&](std::uint64_t& value) {
        if (value != 0xFFFFFFFF) return;
        check(longer.size() >= 8);
        value = whole(longer, 0, 8);
        longer.remove_prefix(8);
      };
      if (whole(fields, 0, 2) == 1) {  // sizes of 8 bytes, in this order, of those that do not fit into 4
        take(m.unpacked);
        take(m.packed);
        take(m.begin);
      }
      fields.remove_prefix(4 + length);
    }
    expect<data_error>(std::ranges::find(members_, m.name, &npz_member::name) == members_.end(), name_,
                       ": has two members ", m.name);
    members_.push_back(std::move(m));
    return all;
  }

  std::string name_;
  std::uint64_t size_;
  std::ifstream in_;
  std::vector<npz_member> members_;
};

}  // namespace v1
}  // namespace certssb
