// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/rfb/input_filter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace rescue::rfb {
namespace {

/// Types of client messages: RFC 6143, 7.5, and the registry of rfbproto.
enum Message : unsigned {
  set_pixel_format = 0,
  set_encodings = 2,
  update_request = 3,
  key_event = 4,
  pointer_event = 5,
  cut_text = 6,
  continuous_updates = 150,
  fence = 248,
  xvp = 250,
  desktop_size = 251,
  qemu = 255
};

constexpr unsigned qemu_key = 0;
constexpr unsigned qemu_audio = 1;
constexpr unsigned qemu_audio_format = 2;  ///< operation with a format behind it
constexpr unsigned security_none = 1;

constexpr std::size_t version_size = 12;
constexpr std::size_t encodings_head = 4;
constexpr std::size_t encoding_size = 4;
constexpr std::size_t largest_head = encodings_head + encoding_size * InputFilter::most_encodings;
constexpr std::size_t cut_text_head = 8;
constexpr std::size_t fence_head = 9;
constexpr std::size_t desktop_head = 8;
constexpr std::size_t screen_size = 16;

struct EncodingRange {
  std::int32_t first;
  std::int32_t last;
};

/// Encodings that change no client message, or only those that this filter knows. Without: xvp (-309), QEMU's audio
/// (-259), extended mouse buttons (-316), gii (-305), and whatever is invented later.
constexpr std::array<EncodingRange, 14> known_encodings{{
    {0, 255},                  // of rectangles: Raw, CopyRect, Hextile, Tight, ZRLE, H.264, ...
    {-32, -23},                // JPEG quality
    {-223, -223},              // DesktopSize
    {-224, -224},              // LastRect
    {-239, -239},              // Cursor
    {-256, -247},              // compression
    {-257, -257},              // QEMU: relative pointer
    {-258, -258},              // QEMU: extended key events
    {-260, -260},              // TightPNG
    {-261, -261},              // LEDs
    {-308, -307},              // DesktopName, ExtendedDesktopSize
    {-314, -312},              // Fence, ContinuousUpdates, Cursor with alpha
    {0x574d5664, 0x574d5664},  // VMware's cursor
    {static_cast<std::int32_t>(0xc0a1e5ceU), static_cast<std::int32_t>(0xc0a1e5ceU)},  // extended clipboard
}};

bool is_known(std::int32_t encoding) {
  return std::any_of(known_encodings.begin(), known_encodings.end(),
                     [encoding](const auto& range) { return encoding >= range.first && encoding <= range.last; });
}

/// Size of a message of fixed size, or of the part that tells the rest; 0: an unknown message.
std::size_t size_of_message(unsigned type) {
  switch (type) {
  case set_pixel_format:
    return 20;
  case set_encodings:
    return encodings_head;
  case update_request:
  case continuous_updates:
    return 10;
  case key_event:
    return 8;
  case pointer_event:
    return 6;
  case cut_text:
    return cut_text_head;
  case fence:
    return fence_head;
  case xvp:
    return 4;
  case desktop_size:
    return desktop_head;
  case qemu:
    return 2;
  default:
    return 0;
  }
}

}  // namespace

std::uint32_t InputFilter::number(std::size_t at, std::size_t size) const {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8U | byte(at + i);
  return value;
}

std::optional<std::string> InputFilter::pass(std::string_view bytes) {
  std::string out;
  while (fault_.empty() && !bytes.empty()) {
    if (state_ == State::body) {
      const auto part = bytes.substr(0, left_);
      if (passes_) out += part;
      bytes.remove_prefix(part.size());
      left_ -= part.size();
      if (left_ == 0) state_ = State::messages;
      continue;
    }
    if (head_.empty()) {
      head_ = bytes.front();
      bytes.remove_prefix(1);
    }
    const auto size = head_size();
    const auto more = bytes.substr(0, size - std::min(size, head_.size()));
    head_ += more;
    bytes.remove_prefix(more.size());
    const auto needed = head_size();  // the bytes that came may tell of more
    if (needed > largest_head) {
      fail(fmt::format("a message has {} bytes", needed));
    } else if (head_.size() == needed) {
      take_head(out);
    }
  }
  return fault_.empty() ? std::optional(std::move(out)) : std::nullopt;
}

std::size_t InputFilter::head_size() const {
  switch (state_) {
  case State::version:
    return version_size;
  case State::security:
  case State::init:
    return 1;
  default:
    break;
  }
  const auto type = byte(0);
  auto size = size_of_message(type);
  if (size == 0 || head_.size() < size) return std::max<std::size_t>(size, 1);
  if (type == set_encodings) size += encoding_size * number(2, 2);
  if (type == qemu) {
    if (byte(1) == qemu_key) return 12;
    if (byte(1) != qemu_audio) return size;
    if (head_.size() < 4) return 4;
    return number(2, 2) == qemu_audio_format ? 10 : 4;
  }
  return size;
}

void InputFilter::take_head(std::string& out) {
  switch (state_) {
  case State::version:
    take_version(out);
    break;
  case State::security:
    if (byte(0) != security_none) return fail("the security type is not None");
    out += head_;
    state_ = State::init;
    break;
  case State::init:
    out += '\1';  // shared: another viewer stays
    state_ = State::messages;
    break;
  default:
    take_message(out);
  }
  head_.clear();
}

void InputFilter::take_version(std::string& out) {
  const bool is_old = head_ == "RFB 003.003\n";
  if (!is_old && head_ != "RFB 003.007\n" && head_ != "RFB 003.008\n")
    return fail("the version is not 3.3, 3.7 or 3.8");
  out += head_;
  state_ = is_old ? State::init : State::security;  // the server of 3.3 decides on the security type
}

void InputFilter::take_message(std::string& out) {
  const auto type = byte(0);
  const bool may_control = role_ == ViewerRole::control;
  switch (type) {
  case set_pixel_format:
  case update_request:
  case continuous_updates:
    out += head_;
    return;
  case set_encodings:
    return take_encodings(out);
  case key_event:
  case pointer_event:
    if (may_control) out += head_;
    return;
  case cut_text:
    return take_paste(out);
  case fence: {
    const auto size = byte(fence_head - 1);
    if (size > largest_fence) return fail(fmt::format("a fence has {} bytes", size));
    return begin_body(size, true, out);
  }
  case desktop_size:
    return begin_body(screen_size * byte(6), may_control, out);
  case xvp:
    return;
  case qemu:
    if (byte(1) > qemu_audio) return fail(fmt::format("QEMU's message {} is unknown", byte(1)));
    if (byte(1) == qemu_key && may_control) out += head_;
    return;
  default:
    fail(fmt::format("the message {} is unknown", type));
  }
}

void InputFilter::take_encodings(std::string& out) {
  const auto count = number(2, 2);
  std::string kept;
  std::uint32_t left = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto at = encodings_head + i * encoding_size;
    if (!is_known(static_cast<std::int32_t>(number(at, encoding_size)))) continue;
    kept.append(head_, at, encoding_size);
    ++left;
  }
  out += static_cast<char>(set_encodings);
  out += '\0';
  out += static_cast<char>(left >> 8U);
  out += static_cast<char>(left & 0xffU);
  out += kept;
}

/// Text has a length; the extended clipboard a negative one.
void InputFilter::take_paste(std::string& out) {
  const auto length = static_cast<std::int64_t>(static_cast<std::int32_t>(number(4, 4)));
  const auto size = static_cast<std::uint64_t>(length < 0 ? -length : length);
  if (size > largest_paste) return fail(fmt::format("a paste has {} bytes", size));
  begin_body(static_cast<std::size_t>(size), role_ == ViewerRole::control, out);
}

void InputFilter::begin_body(std::size_t size, bool passes, std::string& out) {
  if (passes) out += head_;
  left_ = size;
  passes_ = passes;
  if (size > 0) state_ = State::body;
}

}  // namespace rescue::rfb
