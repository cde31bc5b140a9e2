// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/rfb/input_filter.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rescue::rfb {
namespace {

using namespace std::string_literals;

/// Big-endian number of `size` bytes.
std::string number(std::uint64_t value, std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = size; i > 0; value >>= 8U) bytes[--i] = static_cast<char>(value & 0xffU);
  return bytes;
}

const std::string begin_38 = "RFB 003.008\n\x01\x01";
const std::string pixel_format = "\0\0\0\0\x20\x18\0\x01\0\xff\0\xff\0\xff\x10\x08\0\0\0\0"s;
const std::string update_request = "\x03\x01"s + number(0, 4) + number(1024, 2) + number(768, 2);
const std::string key = "\x04\x01\0\0"s + number(0xff1b, 4);
const std::string pointer = "\x05\x01"s + number(10, 2) + number(20, 2);
const std::string qemu_key = "\xff\0\0\x01"s + number(0xff1b, 4) + number(1, 4);
const std::string continuous = "\x96\x01"s + number(0, 8);
const std::string fence = "\xf8\0\0\0"s + number(1, 4) + "\x03" + "abc";
const std::string desktop = "\xfb\0"s + number(800, 2) + number(600, 2) + "\x01\0"s + std::string(16, 's');
const std::string xvp = "\xfa\0\x01\x03"s;
const std::string audio = "\xff\x01\0\0"s;
const std::string audio_format = "\xff\x01\0\x02\x01\x02"s + number(44'100, 4);

std::string paste(const std::string& text) { return "\x06\0\0\0"s + number(text.size(), 4) + text; }

std::string encodings(const std::vector<std::int32_t>& all) {
  auto message = "\x02\0"s + number(all.size(), 2);
  for (const auto encoding : all) message += number(static_cast<std::uint32_t>(encoding), 4);
  return message;
}

/// Bytes that a role passes of a stream that comes in pieces; "refused: REASON" if it is refused.
std::string passed(ViewerRole role, const std::string& stream, std::size_t piece = 1'000'000) {
  InputFilter filter(role);
  std::string out;
  for (std::size_t at = 0; at < stream.size(); at += piece) {
    const auto part = filter.pass(std::string_view(stream).substr(at, piece));
    if (!part) return "refused: " + filter.fault();
    out += *part;
  }
  return out;
}

TEST(RfbInputFilter, PassesEverythingOfAConsoleThatControls) {
  const auto input = key + pointer + paste("text") + qemu_key + continuous + fence + desktop;
  const auto stream = begin_38 + pixel_format + encodings({0, 16, -239}) + update_request + input;
  for (const std::size_t piece : {1U, 3U, 7U, 1'000U}) EXPECT_EQ(passed(ViewerRole::control, stream, piece), stream);
}

TEST(RfbInputFilter, DropsTheInputOfAConsoleThatViews) {
  const auto stream = begin_38 + key + pixel_format + pointer + encodings({7}) + paste(std::string(5'000, 'x')) +
                      update_request + qemu_key + desktop + continuous + key + fence;
  const auto wanted = begin_38 + pixel_format + encodings({7}) + update_request + continuous + fence;
  for (const std::size_t piece : {1U, 3U, 7U, 1'000U}) EXPECT_EQ(passed(ViewerRole::view, stream, piece), wanted);
}

TEST(RfbInputFilter, LetsNobodySwitchThePowerOrListen) {
  for (const auto role : {ViewerRole::view, ViewerRole::control}) {
    EXPECT_EQ(passed(role, begin_38 + xvp + audio + audio_format + update_request, 1), begin_38 + update_request);
  }
}

TEST(RfbInputFilter, LetsOthersStay) { EXPECT_EQ(passed(ViewerRole::control, "RFB 003.008\n\x01\0"s), begin_38); }

TEST(RfbInputFilter, KnowsTheOlderVersions) {
  const auto old = "RFB 003.003\n\x01"s;
  EXPECT_EQ(passed(ViewerRole::control, old + key), old + key) << "without a security type of the client";
  const auto middle = "RFB 003.007\n\x01\x01"s;
  EXPECT_EQ(passed(ViewerRole::control, middle + key), middle + key);
  for (const auto& version : {"RFB 003.889\n"s, "RFB 004.001\n"s, "GET / HTTP/1"s}) {
    EXPECT_TRUE(passed(ViewerRole::control, version).starts_with("refused: ")) << version;
  }
  EXPECT_TRUE(passed(ViewerRole::control, "RFB 003.008\n\x02"s).starts_with("refused: ")) << "VNC authentication";
}

TEST(RfbInputFilter, RemovesEncodingsWhoseMessagesItDoesNotKnow) {
  const auto clipboard = static_cast<std::int32_t>(0xc0a1e5ceU);
  EXPECT_EQ(passed(ViewerRole::control, begin_38 + encodings({0, -309, 7, -259, -316, clipboard, -305, -258}), 1),
            begin_38 + encodings({0, 7, clipboard, -258}));
  EXPECT_EQ(passed(ViewerRole::control, begin_38 + encodings({}) + key, 1), begin_38 + encodings({}) + key);
}

TEST(RfbInputFilter, PassesAPasteOfTwoThousandLinesWithoutKeepingIt) {
  std::string text;
  for (int i = 0; i < 2'000; ++i) text += std::string(79, 'x') + "\n";
  InputFilter filter(ViewerRole::control);
  ASSERT_TRUE(filter.pass(begin_38));
  const auto message = paste(text);
  for (std::size_t at = 0; at < message.size(); at += 1'000) {
    const auto part = std::string_view(message).substr(at, 1'000);
    EXPECT_EQ(filter.pass(part), part) << "at once";
  }
}

TEST(RfbInputFilter, LimitsEveryLength) {
  const auto refused = [](const std::string& message) {
    return passed(ViewerRole::control, begin_38 + message).starts_with("refused: ") &&
           passed(ViewerRole::view, begin_38 + message).starts_with("refused: ");
  };
  EXPECT_TRUE(refused("\x06\0\0\0"s + number((1U << 20U) + 1, 4)));
  EXPECT_TRUE(refused("\x06\0\0\0"s + number(0x80000000U, 4))) << "extended clipboard, 2 GiB";
  EXPECT_TRUE(refused("\x02\0\xff\xff"s));
  EXPECT_TRUE(refused("\xf8\0\0\0"s + number(1, 4) + "\x41"));
  const auto extended = "\x06\0\0\0"s + number(static_cast<std::uint32_t>(-8), 4) + std::string(8, 'c');
  EXPECT_EQ(passed(ViewerRole::control, begin_38 + extended + key, 1), begin_38 + extended + key);
}

TEST(RfbInputFilter, RefusesEveryMessageThatItDoesNotKnow) {
  for (unsigned type = 0; type < 256; ++type) {
    const bool is_known =
        type <= 6 ? type != 1 : type == 150 || type == 248 || type == 250 || type == 251 || type == 255;
    const bool is_refused_at_once = passed(ViewerRole::view, begin_38 + static_cast<char>(type)).starts_with("refused");
    EXPECT_EQ(is_refused_at_once, !is_known) << type;
  }
  EXPECT_TRUE(passed(ViewerRole::view, begin_38 + "\xff\x02").starts_with("refused: "));
}

TEST(RfbInputFilter, StaysRefused) {
  InputFilter filter(ViewerRole::control);
  EXPECT_FALSE(filter.pass("not RFB at all"));
  EXPECT_FALSE(filter.pass(begin_38));
  EXPECT_NE(filter.fault(), "");
}

}  // namespace
}  // namespace rescue::rfb
