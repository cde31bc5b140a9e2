// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/linux/network/nft_expression.hpp"

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/subprocess.hpp"
#include "orchestrator/linux/network/takeover_names.hpp"

namespace rescue::linux::nft {
namespace {

constexpr const char* family = "netdev";

Json table() { return {{"table", {{"family", family}, {"name", nft_table}}}}; }

void run_nft(const Json& batch) {
  try {
    Command command;
    command.argv = {"nft", "-j", "-f", "-"};
    command.input = batch.dump();
    log::debug("nft batch: {}", command.input);
    run_checked(command);
  } catch (const Error& error) {
    std::throw_with_nested(
        Error(ErrorCode::network, "cannot change the packet filter",
              error.hint().empty() ? "The kernel needs nftables with the netdev family, ingress and egress hooks (5.16 "
                                     "or newer), dup and fwd; `nft list ruleset` must work."
                                   : error.hint()));
  }
}

}  // namespace

Json field(const char* protocol, const char* name) { return {{"payload", {{"protocol", protocol}, {"field", name}}}}; }
Json transport_bits(unsigned offset, unsigned bits) {
  return {{"payload", {{"base", "th"}, {"offset", offset}, {"len", bits}}}};
}
Json meta(const char* key) { return {{"meta", {{"key", key}}}}; }
Json extension_header(const char* name, const char* field) { return {{"exthdr", {{"name", name}, {"field", field}}}}; }
Json bits_of(Json value, unsigned mask) { return {{"&", Json::array({std::move(value), mask})}}; }
Json equal(Json left, Json right) {
  return {{"match", {{"op", "=="}, {"left", std::move(left)}, {"right", std::move(right)}}}};
}
Json unequal(Json left, Json right) {
  return {{"match", {{"op", "!="}, {"left", std::move(left)}, {"right", std::move(right)}}}};
}
Json at_least(Json left, unsigned right) {
  return {{"match", {{"op", ">="}, {"left", std::move(left)}, {"right", right}}}};
}
Json one_of(std::vector<Json> values) { return {{"set", std::move(values)}}; }
Json range(const Json& first, const Json& last) { return {{"range", Json::array({first, last})}}; }
Json prefix(const std::string& address, unsigned length) { return {{"prefix", {{"addr", address}, {"len", length}}}}; }
Json concatenation(std::vector<Json> parts) { return {{"concat", std::move(parts)}}; }
Json accept() { return {{"accept", nullptr}}; }
Json drop() { return {{"drop", nullptr}}; }
Json count() { return {{"counter", {{"packets", 0}, {"bytes", 0}}}}; }
Json jump(const char* chain) { return {{"jump", {{"target", chain}}}}; }
Json forward_to(const std::string& device) { return {{"fwd", {{"dev", device}}}}; }
Json duplicate_to(const std::string& device) { return {{"dup", {{"addr", device}}}}; }
Json set_destination_mac(const std::string& mac) {
  return {{"mangle", {{"key", field("ether", "daddr")}, {"value", mac}}}};
}

Rule operator+(Rule head, const Rule& tail) {
  head.insert(head.end(), tail.begin(), tail.end());
  return head;
}

Batch::Batch() {
  // Deleting a missing table fails; adding an existing one does not.
  commands_ = {{{"add", table()}}, {{"delete", table()}}, {{"add", table()}}};
}

void Batch::add_set(const char* name, const Json& type, std::vector<Json> elements, bool intervals) {
  Json set = {{"family", family}, {"table", nft_table}, {"name", name}, {"type", type}};
  if (intervals) set["flags"] = {"interval"};
  if (!elements.empty()) set["elem"] = std::move(elements);
  commands_.push_back({{"add", {{"set", std::move(set)}}}});
}

void Batch::add_base_chain(const char* name, const char* hook, const std::string& device, int priority,
                           const char* policy) {
  const Json chain = {{"family", family}, {"table", nft_table}, {"name", name},     {"type", "filter"},
                      {"hook", hook},     {"dev", device},      {"prio", priority}, {"policy", policy}};
  commands_.push_back({{"add", {{"chain", chain}}}});
}

void Batch::add_chain(const char* name) {
  commands_.push_back({{"add", {{"chain", {{"family", family}, {"table", nft_table}, {"name", name}}}}}});
}

void Batch::add_rule(const char* chain, const Rule& rule) {
  commands_.push_back(
      {{"add", {{"rule", {{"family", family}, {"table", nft_table}, {"chain", chain}, {"expr", rule}}}}}});
}

void load(const Batch& batch) { run_nft(batch.json()); }

void remove_table() {
  const Json commands = {{{"add", table()}}, {{"delete", table()}}};
  run_nft({{"nftables", commands}});
}

}  // namespace rescue::linux::nft
