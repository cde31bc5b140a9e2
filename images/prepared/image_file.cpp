// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/prepared/image_file.hpp"

#include "core/error.hpp"
#include "core/peer_json.hpp"
#include "core/printable.hpp"
#include "core/subprocess.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <filesystem>
#include <fstream>

namespace rescue::prepared {
namespace {

constexpr std::uint64_t footer_size = 512;
constexpr std::size_t longest_message = 400;

[[noreturn]] void refuse(const std::string& message, const std::string& hint) {
  throw Error(ErrorCode::precondition, message, hint);
}

std::string bytes_at(std::ifstream& file, std::uint64_t offset, std::size_t size) {
  std::string bytes(size, '\0');
  file.clear();
  file.seekg(static_cast<std::streamoff>(offset));
  file.read(bytes.data(), static_cast<std::streamsize>(size));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

/// Formats by their own marks. A VHD of fixed size has one at its end only, which QEMU takes for a raw image. Empty for
/// other files.
std::string format_of(const std::string& path, std::uint64_t size) {
  std::ifstream file(path, std::ios::binary);
  if (!file) refuse(path + " can't be read", "Give this user the right to read the file.");
  const auto head = bytes_at(file, 0, footer_size);
  if (head.starts_with("QFI\xfb")) return "qcow2";
  if (head.starts_with("vhdxfile")) return "vhdx";
  if (head.starts_with("conectix")) return "vpc";
  if (size > footer_size && bytes_at(file, size - footer_size, footer_size).starts_with("conectix")) return "vpc";
  return "";
}

/// A VHD that grows has a copy of its footer at its begin; the end is missing when the file was cut off.
void require_footer(const std::string& path, std::uint64_t size) {
  std::ifstream file(path, std::ios::binary);
  if (bytes_at(file, size - footer_size, footer_size).starts_with("conectix")) return;
  refuse(path + " is cut off: it ends without the footer of a VHD", "Copy the file again, and compare its size.");
}

nlohmann::json information(const std::string& path, const std::string& format) {
  Command command;
  command.argv = {"qemu-img", "info", "-f", format, "--output=json", path};
  const auto result = run(command);
  auto parsed = parse_peer_json(result.out);
  if (result.status != 0 || !parsed.is_object()) {
    refuse(fmt::format("{} can't be read as {}: {}", path, format, printable(result.err, longest_message)),
           "Copy the file again, and compare its size; check it with `qemu-img check`.");
  }
  return parsed;
}

/// Runs QEMU's check of the file's own structure; VHD has none.
void require_whole(const std::string& path, const std::string& format) {
  if (format == "vpc") return;
  Command command;
  command.argv = {"qemu-img", "check", "-f", format, path};
  command.time_limit = Milliseconds(600'000);
  const auto result = run(command);
  constexpr int leaked_clusters_only = 3;
  if (result.status == 0 || result.status == leaked_clusters_only) return;
  refuse(fmt::format("{} is damaged or cut off: {}", path, printable(result.err + result.out, longest_message)),
         "Shut the virtual machine down that used it, and copy the file again.");
}

}  // namespace

SourceImage examine_image(const std::string& path) {
  std::error_code failure;
  if (!std::filesystem::is_regular_file(path, failure)) {
    refuse(path + " is not a file", "Name the VHD, VHDX or qcow2 of the prepared Windows.");
  }
  const auto size = static_cast<std::uint64_t>(std::filesystem::file_size(path));
  SourceImage image{path, format_of(path, size), 0};
  if (image.format.empty()) {
    refuse(path + " is not a VHD, VHDX or qcow2", "Export the virtual machine's disk in one of these formats.");
  }
  if (image.format == "vpc") require_footer(path, size);
  const auto info = information(path, image.format);
  if (info.contains("backing-filename") || info.contains("full-backing-filename")) {
    refuse(path + " needs another file: it is an overlay",
           "Join it with its base: qemu-img convert -O qcow2 IMAGE NEW.");
  }
  const auto specific = info.value("format-specific", nlohmann::json::object()).value("data", nlohmann::json::object());
  if (specific.is_object() && specific.contains("data-file")) {
    refuse(path + " has its data in another file", "Join them: qemu-img convert -O qcow2 IMAGE NEW.");
  }
  if (info.value("encrypted", false)) refuse(path + " is encrypted", "Convert it to an image without encryption.");
  require_whole(path, image.format);
  image.virtual_size = info.value("virtual-size", std::uint64_t{0});
  return image;
}

}  // namespace rescue::prepared
