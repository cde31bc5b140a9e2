// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// rtnetlink requests through libnl; no libnl type leaves the .cpp files.

#include "core/net/ip_address.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct nl_msg;
struct nlattr;

namespace rescue::linux {

/// One message being built. Attributes follow the header struct in the order of the calls.
class NetlinkRequest {
public:
  /// `header` is the first struct of this message type (ifinfomsg, ifaddrmsg, rtmsg, ndmsg).
  template <class Header>
  NetlinkRequest(int type, int flags, const Header& header) : NetlinkRequest(type, flags, &header, sizeof header) {}

  void put(int attribute, std::span<const uint8_t> bytes);
  void put(int attribute, const net::IpAddress& address) { put(attribute, address.bytes()); }
  void put_u8(int attribute, uint8_t value);
  void put_u32(int attribute, uint32_t value);
  void put_text(int attribute, const std::string& value);
  template <class Struct>
  void put_struct(int attribute, const Struct& value) {
    put(attribute, {reinterpret_cast<const uint8_t*>(&value), sizeof value});
  }
  /// A header struct inside a nest (the peer of a veth).
  template <class Struct>
  void append(const Struct& value) {
    append_bytes(&value, sizeof value);
  }
  /// Attributes put by `fill` become the content of `attribute`.
  template <class Fill>
  void nest(int attribute, Fill fill) {
    nlattr* start = begin_nest(attribute);
    fill();
    end_nest(start);
  }

private:
  friend class Netlink;
  struct Free {
    void operator()(nl_msg* message) const noexcept;
  };
  NetlinkRequest(int type, int flags, const void* header, std::size_t size);
  void append_bytes(const void* data, std::size_t size);
  nlattr* begin_nest(int attribute);
  void end_nest(nlattr* start);

  std::unique_ptr<nl_msg, Free> message_;
};

/// The attributes of a received message, read by number.
class Attributes {
public:
  Attributes(const uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  [[nodiscard]] std::span<const uint8_t> bytes(int attribute) const;  ///< empty: missing
  /// None when it is missing or has neither 4 nor 16 bytes.
  [[nodiscard]] std::optional<net::IpAddress> ip(int attribute) const {
    return net::IpAddress::of_bytes(bytes(attribute));
  }
  [[nodiscard]] bool has(int attribute) const { return !bytes(attribute).empty(); }
  [[nodiscard]] uint32_t u32(int attribute, uint32_t fallback = 0) const;
  [[nodiscard]] uint8_t u8(int attribute, uint8_t fallback = 0) const;
  [[nodiscard]] std::string text(int attribute) const;
  [[nodiscard]] Attributes nested(int attribute) const;
  /// Copies the struct; value-initialised when it is missing.
  template <class Struct>
  [[nodiscard]] Struct structure(int attribute) const {
    Struct value{};
    copy(attribute, &value, sizeof value);
    return value;
  }

private:
  void copy(int attribute, void* into, std::size_t size) const;
  const uint8_t* data_;
  std::size_t size_;
};

/// One message of a dump.
class NetlinkReply {
public:
  explicit NetlinkReply(std::vector<uint8_t> bytes) : bytes_(std::move(bytes)) {}
  /// The header struct and the attributes after it.
  template <class Header>
  [[nodiscard]] Header header() const {
    Header value{};
    copy(&value, sizeof value);
    return value;
  }
  template <class Header>
  [[nodiscard]] Attributes attributes() const {
    const auto offset = std::min(bytes_.size(), (sizeof(Header) + 3U) & ~std::size_t{3});
    return {bytes_.data() + offset, bytes_.size() - offset};
  }

private:
  void copy(void* into, std::size_t size) const;
  std::vector<uint8_t> bytes_;  ///< behind nlmsghdr
};

/// The kernel's answer: 0, or a positive errno-like number of libnl (NLE_*).
class NetlinkAnswer {
public:
  explicit NetlinkAnswer(int code) : code_(code) {}
  explicit operator bool() const { return code_ == 0; }
  [[nodiscard]] bool exists() const;
  /// No such device, address, route or entry.
  [[nodiscard]] bool missing() const;
  [[nodiscard]] std::string text() const;

private:
  int code_;
};

/// A socket in the namespace of the constructing thread; usable from any thread, one at a time.
class Netlink {
public:
  /// Throws `network`.
  Netlink();
  ~Netlink();
  Netlink(Netlink&&) noexcept;
  Netlink& operator=(Netlink&&) noexcept;

  /// Sends and waits for the acknowledgement.
  NetlinkAnswer ask(NetlinkRequest& request);
  /// Like `ask`; throws `network` "cannot <what>: <reason>".
  void perform(NetlinkRequest& request, std::string_view what);
  /// All messages of a dump. Throws `network`.
  std::vector<NetlinkReply> dump(NetlinkRequest& request, std::string_view what);

private:
  struct Socket;
  std::unique_ptr<Socket> socket_;
};

}  // namespace rescue::linux
