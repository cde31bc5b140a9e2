// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/domain/placeholder.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

namespace rescue::netboot {
namespace {

// Found in boards and in the lists of other tools (dmidecode, oshi, netbox-agent, GLPI, lshw, fwupd).
constexpr std::array<std::string_view, 9> uuids_of_many{
    "03000200040005000006000700080009", "123456781234567890abcddeefaabbcc", "4c4c454400002010802080c04f202020",
    "12345678123412341234123456789abc", "12345678123412341234123456789012", "12345678123456781234123456789abc",
    "123456781234567890ab123456789012",
    // Derived from a missing MAC address.
    "00000000000010008000000000000000", "fffffffffffffffffffffffffffffffe"};

std::string digits_of(const UuidNumber& uuid) {
  auto digits = uuid.text();
  std::erase(digits, '-');
  return digits;
}

/// The first three fields are little-endian in SMBIOS 2.6 and later, but big-endian in some firmware and tools.
std::string with_bytes_swapped(const std::string& digits) {
  constexpr std::array<std::size_t, 16> order{3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
  std::string swapped;
  for (const auto byte : order) swapped += digits.substr(2 * byte, 2);
  return swapped;
}

bool repeats(std::string_view text, std::size_t unit) {
  return text.size() > unit && text.size() % unit == 0 && text.substr(unit) == text.substr(0, text.size() - unit);
}

unsigned value_of(char digit) { return static_cast<unsigned>(digit >= 'a' ? digit - 'a' + 10 : digit - '0'); }

/// True if each digit, or each byte, differs from the one before by the same amount.
bool counts(std::string_view digits, std::size_t width) {
  const unsigned modulus = width == 1 ? 16 : 256;
  const auto number = [&](std::size_t at) {
    return width == 1 ? value_of(digits[at]) : value_of(digits[at]) * 16 + value_of(digits[at + 1]);
  };
  const auto step = (number(width) - number(0)) % modulus;
  for (std::size_t at = width; at < digits.size(); at += width) {
    if ((number(at) - number(at - width)) % modulus != step) return false;
  }
  return true;
}

/// "11111111-2222-3333-4444-555555555555".
bool has_fields_of_one_digit(std::string_view digits) {
  constexpr std::array<std::size_t, 5> lengths{8, 4, 4, 4, 12};
  for (const auto length : lengths) {
    if (!repeats(digits.substr(0, length), 1)) return false;
    digits.remove_prefix(length);
  }
  return true;
}

bool is_pattern(const std::string& digits) {
  constexpr std::array<std::size_t, 5> units{1, 2, 4, 8, 16};
  return std::any_of(units.begin(), units.end(), [&](auto unit) { return repeats(digits, unit); }) ||
         counts(digits, 1) || counts(digits, 2) || has_fields_of_one_digit(digits) ||
         std::find(uuids_of_many.begin(), uuids_of_many.end(), digits) != uuids_of_many.end();
}

/// Letters and digits only, in lower case: "To be filled by O.E.M." -> "tobefilledbyoem".
std::string plain(std::string_view serial) {
  std::string text;
  for (const char c : serial) {
    if (c >= 'A' && c <= 'Z') text += static_cast<char>(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) text += c;
  }
  return text;
}

constexpr std::array<std::string_view, 79> words{"none",
                                                 "na",
                                                 "nil",
                                                 "null",
                                                 "nan",
                                                 "no",
                                                 "unknown",
                                                 "undefined",
                                                 "unspecified",
                                                 "notspecified",
                                                 "notavailable",
                                                 "notapplicable",
                                                 "notdefined",
                                                 "notset",
                                                 "notprovided",
                                                 "notpresent",
                                                 "notfound",
                                                 "notinstalled",
                                                 "notsupported",
                                                 "noserial",
                                                 "noserialnumber",
                                                 "nosn",
                                                 "sn",
                                                 "serial",
                                                 "serialno",
                                                 "serialnumber",
                                                 "systemserial",
                                                 "systemserialnumber",
                                                 "systemserialno",
                                                 "chassisserialnumber",
                                                 "baseboardserial",
                                                 "productserialnumber",
                                                 "productserial",
                                                 "mbserialnumber",
                                                 "serialnumbernotset",
                                                 "serialnotset",
                                                 "unknownserial",
                                                 "unknownserialnumber",
                                                 "default",
                                                 "defaultserial",
                                                 "defaultserialnumber",
                                                 "invalid",
                                                 "invalidserial",
                                                 "empty",
                                                 "blank",
                                                 "test",
                                                 "sample",
                                                 "example",
                                                 "dummy",
                                                 "placeholder",
                                                 "fixme",
                                                 "tbd",
                                                 "todo",
                                                 "changeme",
                                                 "oem",
                                                 "oemstring",
                                                 "oemserial",
                                                 "oemserialnumber",
                                                 "systemproductname",
                                                 "systemmanufacturer",
                                                 "systemversion",
                                                 "systemname",
                                                 "assettag",
                                                 "noassettag",
                                                 "invalidserialnumber",
                                                 "noneprovided",
                                                 "noneavailable",
                                                 "oemdefault",
                                                 "outofspec",
                                                 "badindex",
                                                 "motherboardserial",
                                                 "motherboardserialnumber",
                                                 "systemsn",
                                                 "chassissn",
                                                 "chassisserial",
                                                 "boardsn",
                                                 "baseboardsn",
                                                 "boardserial",
                                                 "productsn"};

/// Match anywhere in the text.
constexpr std::array<std::string_view, 8> phrases{"defaultstring", "tobefilled", "tobeset",      "tobedefined",
                                                  "byoem",         "bytheoem",   "insertserial", "boardserialnumber"};

/// Texts before the digits of a placeholder: "MB-1234567890", "BSN12345678901234567".
constexpr std::array<std::string_view, 14> labels{"systemserialnumber",
                                                  "serialnumber",
                                                  "serialno",
                                                  "serial",
                                                  "bsn",
                                                  "bss",
                                                  "ssn",
                                                  "csn",
                                                  "asn",
                                                  "psn",
                                                  "sn",
                                                  "mb",
                                                  "nb",
                                                  "0x"};

constexpr std::array<std::string_view, 9> counting{
    "0123456789abcdef", "0123456789", "1234567890abcdef", "1234567890",      "abcdefghijklmnopqrstuvwxyz",
    "9876543210",       "0987654321", "987654321",        "fedcba9876543210"};

/// True for the beginning of a count, or repeated counts.
bool counts(std::string_view text) {
  return std::any_of(counting.begin(), counting.end(), [text](std::string_view count) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != count[i % count.size()]) return false;
    }
    return true;
  });
}

bool is_pattern_of_serial(std::string_view text) {
  constexpr std::size_t shortest_run = 3;
  constexpr std::size_t shortest_count = 5;
  if (text.find_first_not_of("0") == std::string_view::npos || text.find_first_not_of("x") == std::string_view::npos) {
    return true;
  }
  if (text.size() >= shortest_run && repeats(text, 1)) return true;
  return text.size() >= shortest_count && counts(text);
}

bool is_labelled_pattern(std::string_view text) {
  return std::any_of(labels.begin(), labels.end(), [text](std::string_view label) {
    return text.starts_with(label) && text.size() > label.size() && is_pattern_of_serial(text.substr(label.size()));
  });
}

}  // namespace

bool is_placeholder_uuid(const UuidNumber& uuid) {
  const auto digits = digits_of(uuid);
  return is_pattern(digits) || is_pattern(with_bytes_swapped(digits));
}

bool is_placeholder_serial(std::string_view serial) {
  const auto text = plain(serial);
  return is_pattern_of_serial(text) || is_labelled_pattern(text) ||
         std::find(words.begin(), words.end(), text) != words.end() ||
         std::any_of(phrases.begin(), phrases.end(),
                     [&text](std::string_view phrase) { return text.find(phrase) != std::string::npos; });
}

}  // namespace rescue::netboot
