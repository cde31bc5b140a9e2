// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/windows/dynamic_records.hpp"

#include "core/printable.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace rescue::windows_disk {
namespace {

constexpr std::size_t longest_name = 200;
constexpr std::size_t most_records = 1024;

/// Fields of a record, one after the other. Throws std::out_of_range at its end.
class Fields {
public:
  explicit Fields(std::string_view bytes) : rest_(bytes) {}

  std::string_view take(std::size_t size) {
    if (size > rest_.size()) throw std::out_of_range("record");
    const auto bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }
  void skip(std::size_t size) { (void)take(size); }
  std::uint8_t byte() { return static_cast<std::uint8_t>(take(1).front()); }
  /// A length of one byte, then as many bytes.
  std::string_view variable() { return take(byte()); }
  std::string text() { return printable(variable(), longest_name); }
  std::uint64_t number() {
    const auto bytes = variable();
    if (bytes.size() > sizeof(std::uint64_t)) throw std::out_of_range("number");
    std::uint64_t value = 0;
    for (const char byte : bytes) value = value << 8U | static_cast<unsigned char>(byte);
    return value;
  }

private:
  std::string_view rest_;
};

/// GUIDs are stored in the order in which they are written.
std::string plain_guid(std::string_view bytes) {
  std::string guid;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) guid += '-';
    guid += fmt::format("{:02x}", static_cast<unsigned char>(bytes[i]));
  }
  return guid;
}

constexpr std::size_t guid_bytes = 16;

/// Revision 5. `flags` say which fields are there at the end.
VolumeRecord volume_in(Fields fields, std::uint8_t flags) {
  VolumeRecord volume;
  volume.number = fields.number();
  volume.name = fields.text();
  (void)fields.variable();  // "gen" or "raid5"
  (void)fields.variable();
  fields.skip(14 + 1 + 1 + 1 + 3 + 1);  // state, type, unknown, number, zeros, flags
  volume.components = fields.number();
  fields.skip(8 + 8);  // commit, id
  volume.sectors = fields.number();
  fields.skip(4 + 1);  // zeros, type of partition
  volume.id = plain_guid(fields.take(guid_bytes));
  if ((flags & 0x08U) != 0) (void)fields.variable();
  if ((flags & 0x20U) != 0) (void)fields.variable();
  if ((flags & 0x80U) != 0) (void)fields.variable();
  if ((flags & 0x02U) != 0) volume.hint = fields.text();
  return volume;
}

/// Revision 3.
ComponentRecord component_in(Fields fields) {
  ComponentRecord component;
  component.number = fields.number();
  (void)fields.variable();  // name
  (void)fields.variable();  // state
  const auto kind = fields.byte();
  if (kind < 1 || kind > 3) throw std::out_of_range("kind");
  component.kind = static_cast<ComponentKind>(kind);
  fields.skip(4);
  (void)fields.variable();  // number of pieces
  fields.skip(8 + 8);       // commit, zeros
  component.volume = fields.number();
  return component;
}

/// Revision 3.
PieceRecord piece_in(Fields fields, std::uint8_t flags) {
  PieceRecord piece;
  piece.number = fields.number();
  (void)fields.variable();     // name
  fields.skip(4 + 8 + 8 + 8);  // zeros, commit, start, place in the volume
  (void)fields.variable();     // size
  piece.component = fields.number();
  piece.disk = fields.number();
  if ((flags & 0x08U) != 0) piece.index = fields.number();
  return piece;
}

/// Revision 3 has the GUID as text, revision 4 as bytes.
DiskRecord disk_in(Fields fields, unsigned revision) {
  DiskRecord disk;
  disk.number = fields.number();
  disk.name = fields.text();
  disk.id = revision == 3 ? lower_case(fields.text()) : plain_guid(fields.take(guid_bytes));
  return disk;
}

template <class Record>
bool add(std::vector<Record>& list, Record record) {
  if (list.size() >= most_records) return false;
  list.push_back(std::move(record));
  return true;
}

}  // namespace

bool add_record(std::string_view record, DynamicRecords& into) try {
  Fields fields(record);
  fields.skip(2);  // status
  const auto flags = fields.byte();
  const auto kind = fields.byte();
  fields.skip(4);  // size
  const unsigned revision = kind >> 4U;
  switch (kind & 0x0fU) {
  case 0:  // unused
    return true;
  case 1:
    return revision == 5 && add(into.volumes, volume_in(fields, flags));
  case 2:
    return revision == 3 && add(into.components, component_in(fields));
  case 3:
    return revision == 3 && add(into.pieces, piece_in(fields, flags));
  case 4:
    return (revision == 3 || revision == 4) && add(into.disks, disk_in(fields, revision));
  case 5:  // the group itself: its name is in the private header, too
    return true;
  default:
    return false;
  }
} catch (const std::out_of_range&) {
  return false;
}

}  // namespace rescue::windows_disk
