// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// rescue-wim: prints what a WIM file has in it. A program of its own, since Debian's libwim is linked with libntfs-3g
// (GPL), and since it reads files that others made.

#include "core/error.hpp"
#include "core/handle.hpp"
#include "core/printable.hpp"
#include "core/program.hpp"
#include "core/text.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <wimlib.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <string>
#include <string_view>

namespace {

using Json = nlohmann::ordered_json;
using Wim = rescue::Handle<WIMStruct, wimlib_free>;

constexpr std::size_t longest_text = 512;
constexpr unsigned most_images = 200;
constexpr unsigned most_languages = 100;

/// Bounds the damage that a hostile file can do: no more rights than now, 1 GiB, one minute of a processor.
void confine() {
#ifdef __SANITIZE_ADDRESS__
  constexpr rlim_t memory = RLIM_INFINITY;  // its shadow takes terabytes of addresses
#else
  constexpr rlim_t memory = 1U << 30U;
#endif
  constexpr rlim_t seconds = 60;
  const rlimit space{memory, memory};
  const rlimit time{seconds, seconds};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || ::setrlimit(RLIMIT_AS, &space) != 0 ||
      ::setrlimit(RLIMIT_CPU, &time) != 0) {
    throw rescue::system_error("cannot limit this process", errno);
  }
}

Wim open_wim(const std::string& path) {
  WIMStruct* wim = nullptr;
  const int failure = wimlib_open_wim(path.c_str(), 0, &wim);
  if (failure == 0) return Wim(wim);
  throw rescue::Error(rescue::ErrorCode::precondition,
                      fmt::format("cannot read {} as a WIM file: {}", path,
                                  wimlib_get_error_string(static_cast<wimlib_error_code>(failure))),
                      "Name an install.wim, install.esd or the first install.swm of Microsoft's media.");
}

/// A property of the image's XML, as one printable line; empty if there is none.
std::string property(const WIMStruct* wim, int index, const std::string& name) {
  const char* const value = wimlib_get_image_property(wim, index, name.c_str());
  return value != nullptr ? rescue::printable(value, longest_text) : "";
}

std::uint64_t number(const WIMStruct* wim, int index, const std::string& name) {
  const auto text = property(wim, index, name);
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// Numbers of PROCESSOR_ARCHITECTURE_* (winnt.h); others stay numbers.
std::string architecture(const std::string& number) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> names{
      {{"0", "x86"}, {"5", "arm"}, {"9", "amd64"}, {"12", "arm64"}}};
  for (const auto& [candidate, name] : names) {
    if (candidate == number) return std::string(name);
  }
  return number;
}

Json languages(const WIMStruct* wim, int index) {
  auto all = Json::array();
  for (unsigned i = 1; i <= most_languages; ++i) {
    auto language = property(wim, index, fmt::format("WINDOWS/LANGUAGES/LANGUAGE[{}]", i));
    if (language.empty()) break;
    all.push_back(std::move(language));
  }
  return all;
}

Json image(const WIMStruct* wim, int index) {
  const auto text = [&](const char* name) { return property(wim, index, name); };
  return {{"index", index},
          {"name", text("NAME")},
          {"display_name", text("DISPLAYNAME")},
          {"edition_id", text("WINDOWS/EDITIONID")},
          {"flags", text("FLAGS")},
          {"installation_type", text("WINDOWS/INSTALLATIONTYPE")},
          {"architecture", architecture(text("WINDOWS/ARCH"))},
          {"build", number(wim, index, "WINDOWS/VERSION/BUILD")},
          {"revision", number(wim, index, "WINDOWS/VERSION/SPBUILD")},
          {"languages", languages(wim, index)},
          {"default_language", text("WINDOWS/LANGUAGES/DEFAULT")},
          {"size_bytes", number(wim, index, "TOTALBYTES")}};
}

Json description(const WIMStruct* wim, wimlib_wim_info info) {
  auto images = Json::array();
  for (unsigned index = 1; index <= info.image_count; ++index) images.push_back(image(wim, static_cast<int>(index)));
  const auto compression = static_cast<wimlib_compression_type>(info.compression_type);
  return {{"part", info.part_number},
          {"parts", info.total_parts},
          {"compression", rescue::lower_case(wimlib_get_compression_type_string(compression))},
          {"images", std::move(images)}};
}

int run(int argc, char** argv) {
  CLI::App app("Prints the Windows editions in a WIM file, as JSON.", "rescue-wim");
  app.set_version_flag("--version", std::string("rescue-wim ") + RESCUE_VERSION);
  app.footer("Reads the metadata only. rescue-image runs this program.\n"
             "Exit codes: 0 done, 1 failed, 2 usage, 3 the file is no WIM that can be read.\n"
             "Example:\n  rescue-wim sources/install.wim");
  std::string path;
  app.add_option("FILE", path, "A .wim, a .esd, or the first .swm of a split WIM")->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : rescue::exit_code_of(rescue::ErrorCode::usage);
  }
  confine();
  const auto wim = open_wim(path);
  wimlib_wim_info info{};
  wimlib_get_wim_info(wim.get(), &info);
  if (info.image_count > most_images) {
    throw rescue::Error(rescue::ErrorCode::precondition, fmt::format("{} has {} images", path, info.image_count),
                        fmt::format("At most {} are read.", most_images));
  }
  fmt::print("{}\n", description(wim.get(), info).dump(2));
  return 0;
}

}  // namespace

int main(int argc, char** argv) { return rescue::run_program(argc, argv, &run); }
