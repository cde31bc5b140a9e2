// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Parses what a viewer sends to a VM's screen (RFC 6143, and the extensions of QEMU and TigerVNC), and passes only what
// its role may do.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rescue::rfb {

enum class ViewerRole {
  view,    ///< sees the screen; its keys, pointer, texts and screen sizes are dropped
  control  ///< all but the VM's power and sound
};

/// One stream. Its memory is bounded by the largest message that is rewritten (SetEncodings, 4 KiB).
class InputFilter {
public:
  static constexpr std::size_t most_encodings = 1'000;
  static constexpr std::size_t largest_paste = std::size_t{1} << 20U;
  static constexpr std::size_t largest_fence = 64;

  explicit InputFilter(ViewerRole role) : role_(role) {}

  /// Reads bytes of the stream, cut anywhere, and returns those for the VNC server; never more. None: they are not RFB,
  /// or break a limit; the stream is unusable then, and `fault` has the reason.
  [[nodiscard]] std::optional<std::string> pass(std::string_view bytes);
  [[nodiscard]] const std::string& fault() const noexcept { return fault_; }

private:
  enum class State { version, security, init, messages, body };
  /// Number of bytes that must be there before the message can be judged, as far as they tell.
  [[nodiscard]] std::size_t head_size() const;
  void take_head(std::string& out);
  void take_version(std::string& out);
  void take_message(std::string& out);
  void take_encodings(std::string& out);
  void take_paste(std::string& out);
  void begin_body(std::size_t size, bool passes, std::string& out);
  [[nodiscard]] unsigned byte(std::size_t at) const { return static_cast<unsigned char>(head_[at]); }
  [[nodiscard]] std::uint32_t number(std::size_t at, std::size_t size) const;
  void fail(std::string why) { fault_ = std::move(why); }

  const ViewerRole role_;
  State state_ = State::version;
  std::string head_;      ///< of the present message, as far as it has come
  std::size_t left_ = 0;  ///< of a body that needs no judgement
  bool passes_ = false;   ///< that body
  std::string fault_;
};

}  // namespace rescue::rfb
