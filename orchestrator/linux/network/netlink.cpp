// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/network/netlink.hpp"

#include "core/error.hpp"
#include "core/handle.hpp"

#include <fmt/format.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include <cstring>

namespace rescue::linux {
namespace {

void check_room(int code) {
  if (code < 0) throw Error(ErrorCode::internal, "a netlink message is full");
}

int collect(nl_msg* message, void* into) {
  const nlmsghdr* header = nlmsg_hdr(message);
  const auto* data = static_cast<const uint8_t*>(nlmsg_data(header));
  static_cast<std::vector<NetlinkReply>*>(into)->emplace_back(
      std::vector<uint8_t>(data, data + static_cast<std::size_t>(nlmsg_datalen(header))));
  return NL_OK;
}

/// Ready to be sent, also a second time.
void start(nl_msg* message, int flags) {
  nlmsghdr* header = nlmsg_hdr(message);
  header->nlmsg_flags = static_cast<uint16_t>(header->nlmsg_flags | flags);
  header->nlmsg_seq = NL_AUTO_SEQ;
}

}  // namespace

void NetlinkRequest::Free::operator()(nl_msg* message) const noexcept { nlmsg_free(message); }

NetlinkRequest::NetlinkRequest(int type, int flags, const void* header, std::size_t size)
    : message_(nlmsg_alloc_simple(type, flags | NLM_F_REQUEST)) {
  if (!message_) throw std::bad_alloc();
  append_bytes(header, size);
}

void NetlinkRequest::append_bytes(const void* data, std::size_t size) {
  check_room(nlmsg_append(message_.get(), const_cast<void*>(data), size, NLMSG_ALIGNTO));
}
void NetlinkRequest::put(int attribute, std::span<const uint8_t> bytes) {
  check_room(nla_put(message_.get(), attribute, static_cast<int>(bytes.size()), bytes.data()));
}
void NetlinkRequest::put_u8(int attribute, uint8_t value) { check_room(nla_put_u8(message_.get(), attribute, value)); }
void NetlinkRequest::put_u32(int attribute, uint32_t value) {
  check_room(nla_put_u32(message_.get(), attribute, value));
}
void NetlinkRequest::put_text(int attribute, const std::string& value) {
  check_room(nla_put_string(message_.get(), attribute, value.c_str()));
}
nlattr* NetlinkRequest::begin_nest(int attribute) {
  nlattr* start = nla_nest_start(message_.get(), attribute);
  check_room(start == nullptr ? -1 : 0);
  return start;
}
void NetlinkRequest::end_nest(nlattr* start) { check_room(nla_nest_end(message_.get(), start)); }

std::span<const uint8_t> Attributes::bytes(int attribute) const {
  // libnl's parsers take a non-const pointer but do not write.
  auto* head = reinterpret_cast<nlattr*>(const_cast<uint8_t*>(data_));
  const nlattr* found = nla_find(head, static_cast<int>(size_), attribute);
  if (found == nullptr) return {};
  return {static_cast<const uint8_t*>(nla_data(found)), static_cast<std::size_t>(nla_len(found))};
}
void Attributes::copy(int attribute, void* into, std::size_t size) const {
  const auto found = bytes(attribute);
  if (!found.empty()) std::memcpy(into, found.data(), std::min(size, found.size()));
}
uint32_t Attributes::u32(int attribute, uint32_t fallback) const {
  copy(attribute, &fallback, sizeof fallback);
  return fallback;
}
uint8_t Attributes::u8(int attribute, uint8_t fallback) const {
  copy(attribute, &fallback, sizeof fallback);
  return fallback;
}
std::string Attributes::text(int attribute) const {
  const auto found = bytes(attribute);
  const auto* start = reinterpret_cast<const char*>(found.data());
  return found.empty() ? std::string() : std::string(start, ::strnlen(start, found.size()));
}
Attributes Attributes::nested(int attribute) const {
  const auto found = bytes(attribute);
  return {found.data(), found.size()};
}

void NetlinkReply::copy(void* into, std::size_t size) const {
  std::memcpy(into, bytes_.data(), std::min(size, bytes_.size()));
}

bool NetlinkAnswer::exists() const { return code_ == NLE_EXIST; }
bool NetlinkAnswer::missing() const { return code_ == NLE_OBJ_NOTFOUND || code_ == NLE_NODEV || code_ == NLE_NOADDR; }
std::string NetlinkAnswer::text() const { return nl_geterror(code_); }

struct Netlink::Socket {
  Handle<nl_sock, nl_socket_free> handle{nl_socket_alloc()};
};

Netlink::Netlink() : socket_(std::make_unique<Socket>()) {
  if (!socket_->handle) throw std::bad_alloc();
  const int code = nl_connect(socket_->handle.get(), NETLINK_ROUTE);
  if (code < 0) throw Error(ErrorCode::network, fmt::format("cannot open a netlink socket: {}", nl_geterror(code)));
  // A dump of a large routing table does not fit into libnl's default of one page.
  nl_socket_set_msg_buf_size(socket_->handle.get(), std::size_t{64} << 10);
}
Netlink::~Netlink() = default;
Netlink::Netlink(Netlink&&) noexcept = default;
Netlink& Netlink::operator=(Netlink&&) noexcept = default;

NetlinkAnswer Netlink::ask(NetlinkRequest& request) {
  start(request.message_.get(), NLM_F_ACK);
  int code = nl_send_auto(socket_->handle.get(), request.message_.get());
  if (code >= 0) code = nl_wait_for_ack(socket_->handle.get());
  return NetlinkAnswer(code < 0 ? -code : 0);
}

void Netlink::perform(NetlinkRequest& request, std::string_view what) {
  const auto answer = ask(request);
  if (!answer) throw Error(ErrorCode::network, fmt::format("cannot {}: {}", what, answer.text()));
}

std::vector<NetlinkReply> Netlink::dump(NetlinkRequest& request, std::string_view what) {
  std::vector<NetlinkReply> replies;
  nl_sock* socket = socket_->handle.get();
  const Handle<nl_cb, nl_cb_put> callbacks(nl_cb_alloc(NL_CB_DEFAULT));
  if (!callbacks) throw std::bad_alloc();
  nl_cb_set(callbacks.get(), NL_CB_VALID, NL_CB_CUSTOM, collect, &replies);
  // The kernel marks a dump that changed during reading: entries may be missing, so it is read again.
  int code = -NLE_DUMP_INTR;
  for (int attempt = 0; attempt < 8 && code == -NLE_DUMP_INTR; ++attempt) {
    replies.clear();
    start(request.message_.get(), NLM_F_DUMP);
    code = nl_send_auto(socket, request.message_.get());
    if (code >= 0) code = nl_recvmsgs(socket, callbacks.get());
  }
  if (code < 0) throw Error(ErrorCode::network, fmt::format("cannot {}: {}", what, nl_geterror(code)));
  return replies;
}

}  // namespace rescue::linux
