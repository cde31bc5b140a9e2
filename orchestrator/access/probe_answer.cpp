// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/access/probe_answer.hpp"

#include "core/peer_json.hpp"
#include "core/printable.hpp"
#include "credentials/host_key.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <initializer_list>

namespace rescue::access {
namespace {

using domain::RdpResult;
using domain::Readiness;
using domain::SshResult;
using nlohmann::json;

/// Fault of an answer; never leaves this file.
struct Fault {
  std::string what;
};

void require(bool right, const char* otherwise) {
  if (!right) throw Fault{otherwise};
}

/// Members of an answer, none of which is missing.
class Members {
public:
  Members(std::string_view text, std::initializer_list<const char*> names) {
    require(text.size() <= largest_answer, "it is too long");
    require(!is_nested_deeper(text, 1), "it is nested");
    object_ = parse_peer_json(text, largest_answer);
    require(object_.is_object(), "it is not a JSON object");
    for (const auto* name : names) {
      if (!object_.contains(name)) throw Fault{std::string("it lacks ") + name};
    }
    require(object_.size() == names.size(), "it has unknown members");
  }

  [[nodiscard]] const std::string& raw_text(const char* name) const {
    const auto& value = object_.at(name);
    if (!value.is_string()) throw Fault{std::string(name) + " is not a string"};
    return value.get_ref<const std::string&>();
  }

  [[nodiscard]] std::string text(const char* name) const {
    constexpr std::size_t longest = 500;
    return printable(raw_text(name), longest);
  }

  [[nodiscard]] bool flag(const char* name) const {
    const auto& value = object_.at(name);
    if (!value.is_boolean()) throw Fault{std::string(name) + " is neither true nor false"};
    return value.get<bool>();
  }

  [[nodiscard]] Readiness readiness() const {
    const auto& name = raw_text("readiness");
    for (const auto value : {Readiness::unreachable, Readiness::tcp_open, Readiness::banner, Readiness::authenticated,
                             Readiness::command_ran}) {
      if (name == name_of(value)) return value;
    }
    throw Fault{"readiness has an unknown value"};
  }

private:
  json object_;
};

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/// True for "SHA256:" and base64 of 32 bytes without padding, as OpenSSH prints it.
bool is_host_key_fingerprint(std::string_view text) {
  constexpr std::string_view prefix = "SHA256:";
  constexpr std::size_t digits = 43;
  if (!text.starts_with(prefix) || text.size() != prefix.size() + digits) return false;
  text.remove_prefix(prefix.size());
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '+' || c == '/'; });
}

/// True for the name of an algorithm (RFC 4251, 6), which may be followed by @ and a domain.
bool is_host_key_type(std::string_view text) {
  constexpr std::size_t longest = 64;
  return !text.empty() && text.size() <= longest && std::all_of(text.begin(), text.end(), [](char c) {
    return is_lower_or_digit(c) || c == '-' || c == '.' || c == '@';
  });
}

/// True for 32 pairs of hexadecimal digits in lower case, separated by colons.
bool is_certificate_fingerprint(std::string_view text) {
  constexpr std::size_t length = 32 * 3 - 1;
  if (text.size() != length) return false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool right = at % 3 == 2 ? c == ':' : (c >= 'a' && c <= 'f') || (c >= '0' && c <= '9');
    if (!right) return false;
  }
  return true;
}

SshResult ssh_result(std::string_view text) {
  const Members members(text, {"readiness", "host_key_fingerprint", "host_key_type", "host_key_blob", "command_output",
                               "problem", "refused"});
  SshResult result;
  result.readiness = members.readiness();
  result.host_key_fingerprint = members.raw_text("host_key_fingerprint");
  result.host_key_type = members.raw_text("host_key_type");
  result.command_output = members.text("command_output");
  result.problem = members.text("problem");
  result.refused = members.flag("refused");
  const bool has_key = !result.host_key_fingerprint.empty() || !result.host_key_type.empty();
  require(!has_key || is_host_key_fingerprint(result.host_key_fingerprint), "host_key_fingerprint is invalid");
  require(!has_key || is_host_key_type(result.host_key_type), "host_key_type is invalid");
  result.host_key_blob = members.raw_text("host_key_blob");
  require(result.host_key_blob.empty() ||
              !credentials::fault_of({result.host_key_type, result.host_key_blob, result.host_key_fingerprint}),
          "host_key_blob is invalid");
  require(!has_key || result.readiness >= Readiness::banner, "there is a host key without a server");
  require(has_key || result.readiness < Readiness::authenticated, "there is a login without a host key");
  const bool ran = result.readiness == Readiness::command_ran;
  require(ran || result.command_output.empty(), "there is output of a command that did not run");
  require(ran == result.problem.empty(), "readiness and problem contradict each other");
  require(!result.refused || (has_key && result.readiness == Readiness::banner),
          "readiness and refused contradict each other");
  return result;
}

RdpResult rdp_result(std::string_view text) {
  const Members members(text, {"readiness", "nla", "certificate_fingerprint", "problem"});
  RdpResult result;
  result.readiness = members.readiness();
  result.nla = members.flag("nla");
  result.certificate_fingerprint = members.raw_text("certificate_fingerprint");
  result.problem = members.text("problem");
  require(result.readiness <= Readiness::banner, "a handshake can't prove a login");
  require(!result.nla || result.readiness != Readiness::unreachable, "there is a negotiation without a server");
  const bool done = result.readiness == Readiness::banner;
  const auto& fingerprint = result.certificate_fingerprint;
  require(done ? is_certificate_fingerprint(fingerprint) : fingerprint.empty(), "certificate_fingerprint is invalid");
  require(done == result.problem.empty(), "readiness and problem contradict each other");
  return result;
}

template <class Result>
Answer<Result> read(Result (*reader)(std::string_view), std::string_view text) {
  try {
    return {reader(text), ""};
  } catch (const Fault& fault) {
    return {std::nullopt, fault.what};
  }
}

}  // namespace

std::string answer_of(const SshResult& result) {
  const json answer{{"readiness", name_of(result.readiness)},
                    {"host_key_fingerprint", result.host_key_fingerprint},
                    {"host_key_type", result.host_key_type},
                    {"host_key_blob", result.host_key_blob},
                    {"command_output", result.command_output},
                    {"problem", result.problem},
                    {"refused", result.refused}};
  return answer.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string answer_of(const RdpResult& result) {
  const json answer{{"readiness", name_of(result.readiness)},
                    {"nla", result.nla},
                    {"certificate_fingerprint", result.certificate_fingerprint},
                    {"problem", result.problem}};
  return answer.dump(-1, ' ', false, json::error_handler_t::replace);
}

Answer<SshResult> read_ssh_answer(std::string_view text) { return read(ssh_result, text); }

Answer<RdpResult> read_rdp_answer(std::string_view text) { return read(rdp_result, text); }

}  // namespace rescue::access
