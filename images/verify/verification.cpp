// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/verify/verification.hpp"

#include "core/error.hpp"
#include "core/file.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rescue::verify {
namespace {

using nlohmann::ordered_json;

/// True for what a hostile or broken guest causes. Anything else is a fault of this machine.
bool is_guests_fault(ErrorCode code) {
  return code == ErrorCode::guest_agent || code == ErrorCode::timeout || code == ErrorCode::unavailable;
}

/// The first need without a pass, with its result; empty: all have passed.
std::string missing_need(const Point& point, const std::vector<Outcome>& outcomes) {
  for (const auto need : point.needs) {
    const auto found = std::find_if(outcomes.begin(), outcomes.end(),
                                    [&](const Outcome& outcome) { return outcome.point->number == need; });
    if (found == outcomes.end() || found->verdict.result != Result::pass) return std::string(need);
  }
  return {};
}

Verdict judge(const Point& point, Subject& subject, const std::set<std::string>& left_out,
              const std::vector<Outcome>& outcomes) {
  if (left_out.contains(std::string(point.number))) return not_applicable("left out on request");
  if (point.only && *point.only != subject.kind()) {
    return not_applicable(fmt::format("only for images of the kind {}", name_of(*point.only)));
  }
  if (const auto need = missing_need(point, outcomes); !need.empty()) {
    return not_applicable(fmt::format("can't be checked without {}", need));
  }
  subject.report(fmt::format("{}: {}", point.number, point.title));
  try {
    return point.check(subject);
  } catch (const Error& error) {
    if (!is_guests_fault(error.code())) throw;
    return failed(error.what());
  }
}

/// The detail with its further lines under the first.
std::string indented(const std::string& text, const std::string& indent) {
  std::string result;
  for (const char c : text) {
    result += c;
    if (c == '\n') result += indent;
  }
  return result;
}

std::size_t count_of(const Verification& verification, Result result) {
  return static_cast<std::size_t>(
      std::count_if(verification.outcomes.begin(), verification.outcomes.end(),
                    [&](const Outcome& outcome) { return outcome.verdict.result == result; }));
}

}  // namespace

bool Verification::has_failed() const { return count_of(*this, Result::fail) != 0; }

Verification verify(Subject& subject, const std::set<std::string>& left_out, const Hooks& hooks) {
  const auto& manifest = subject.manifest();
  Verification verification;
  verification.image = manifest.name;
  verification.version = manifest.version;
  verification.firmware = manifest.profile.firmware;
  verification.disk_bus = manifest.profile.disk_bus;
  verification.kind = subject.kind();
  verification.date = SystemClock().wall();
  for (const auto& point : contract()) {
    const auto began = std::chrono::steady_clock::now();
    auto verdict = judge(point, subject, left_out, verification.outcomes);
    const auto took = std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - began);
    verification.outcomes.push_back({&point, std::move(verdict), took});
    if (hooks.after) hooks.after(verification.outcomes.back());
  }
  verification.machine = subject.facts();
  return verification;
}

std::string text_of(const Verification& verification) {
  constexpr int number_width = 5;
  constexpr int result_width = 16;
  const std::string indent(number_width + result_width, ' ');
  std::string text;
  for (const auto& [point, verdict, took] : verification.outcomes) {
    text += fmt::format("{:<{}}{:<{}}{}\n", point->number, number_width, name_of(verdict.result), result_width,
                        point->title);
    if (!verdict.detail.empty()) text += indent + indented(verdict.detail, indent) + "\n";
    if (verdict.result == Result::fail) text += fmt::format("{}Remedy: {}\n", indent, point->remedy);
  }
  return text + fmt::format("{} {}: {} passed, {} failed, {} do not apply\n", verification.image, verification.version,
                            count_of(verification, Result::pass), count_of(verification, Result::fail),
                            count_of(verification, Result::not_applicable));
}

ordered_json json_of(const Verification& verification) {
  ordered_json json{{"image", verification.image},        {"version", verification.version},
                    {"kind", name_of(verification.kind)}, {"passed", !verification.has_failed()},
                    {"date", rfc3339(verification.date)}, {"firmware", verification.firmware},
                    {"disk_bus", verification.disk_bus}};
  if (const auto& machine = verification.machine) {
    json["qemu"] = machine->qemu;
    json["machine"] = machine->machine;
    json["uefi"] = machine->firmware;
    json["kvm"] = machine->kvm;
  }
  json["results"] = ordered_json::array();
  for (const auto& [point, verdict, took] : verification.outcomes) {
    ordered_json result{{"point", point->number},
                        {"title", point->title},
                        {"result", name_of(verdict.result)},
                        {"detail", verdict.detail},
                        {"took_ms", took.count()}};
    if (verdict.result == Result::fail) result["remedy"] = point->remedy;
    json["results"].push_back(std::move(result));
  }
  return json;
}

void record(const Verification& verification, const std::string& manifest) {
  auto document = ordered_json::parse(read_file(manifest));
  if (document.contains("format")) {
    throw Error(ErrorCode::precondition, fmt::format("{} has format 1, which has no field for results", manifest),
                "Make a manifest of format 2, and verify again.");
  }
  ordered_json field{{"date", rfc3339(verification.date)},
                     {"qemu", verification.machine ? verification.machine->qemu : ""},
                     {"machine", verification.machine ? verification.machine->machine : ""},
                     {"firmware", verification.machine ? verification.machine->firmware : ""},
                     {"kvm", verification.machine && verification.machine->kvm}};
  field["results"] = ordered_json::array();
  for (const auto& [point, verdict, took] : verification.outcomes) {
    field["results"].push_back({{"point", point->number}, {"result", name_of(verdict.result)}});
  }
  document["contract"] = std::move(field);
  constexpr mode_t readable = 0644;
  write_file_atomically(manifest, document.dump(2) + "\n", readable);
}

}  // namespace rescue::verify
