// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/prepared/publish_image.hpp"

#include "core/document.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/printable.hpp"
#include "core/subprocess.hpp"
#include "images/chunks.hpp"
#include "images/manifest.hpp"
#include "images/store.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ctime>
#include <filesystem>

namespace rescue::prepared {
namespace {

using Json = nlohmann::ordered_json;

constexpr mode_t for_all = 0644;
constexpr std::size_t longest_answer = 300;

std::string sha256_of_file(const std::string& path) {
  Command command;
  command.argv = {"sha256sum", "--binary", path};
  command.time_limit = Milliseconds(3'600'000);
  const auto out = run_checked(command).out;
  constexpr std::size_t digits = 64;
  return out.substr(out.starts_with('\\') ? 1 : 0, digits);
}

void sign(const std::string& file, const Publication& publication) {
  Command command;
  // Its stdin is empty: a key that has a password fails instead of asking.
  command.argv = {"minisign", "-S",
                  "-s",       publication.key,
                  "-m",       file,
                  "-x",       file + ".minisig",
                  "-t",       fmt::format("rescue image {} {}", publication.name, publication.version)};
  const auto result = run(command);
  if (result.status == 0) return;
  throw Error(ErrorCode::precondition,
              fmt::format("cannot sign with {}: {}", publication.key, printable(result.err, longest_answer)),
              "Use a secret key of minisign without a password: minisign -G -W.");
}

}  // namespace

void publish_image(const Publication& asked) {
  auto publication = asked;
  if (publication.version.empty()) publication.version = fmt::format("{:%Y.%m.%d}", fmt::gmtime(std::time(nullptr)));
  const auto image = publication.folder + "/" + publication.file;
  const auto chunks = images::ChunkDigests::of_file(image).content();
  write_file_atomically(image + ".chunks", chunks, for_all);
  const Json file{{"name", publication.file},
                  {"role", "system-disk"},
                  {"format", "qcow2"},
                  {"size", std::filesystem::file_size(image)},
                  {"sha256", sha256_of_file(image)},
                  {"virtual_size", publication.virtual_size},
                  {"chunks", {{"name", publication.file + ".chunks"}, {"sha256", images::sha256_of(chunks)}}}};
  const Json manifest{{"format", 1},
                      {"name", publication.name},
                      {"version", publication.version},
                      {"profile",
                       {{"os", "windows"},
                        {"firmware", name_of(publication.firmware)},
                        {"disk_bus", "virtio-scsi"},
                        {"tpm", false},
                        {"administrator", "Administrator"}}},
                      {"files", {file}}};
  const auto text = manifest.dump(2) + "\n";
  const auto path = publication.folder + "/manifest.json";
  (void)images::Manifest::parse(Document::from_json(path, text));
  write_file_atomically(path, text, for_all);
  if (!publication.key.empty()) sign(path, publication);
}

}  // namespace rescue::prepared
