// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/manifest.hpp"

#include <algorithm>

namespace rescue::images {
namespace {

constexpr std::int64_t largest = std::int64_t{1} << 50;

std::string one_of(const Field& field, std::initializer_list<std::string_view> choices) {
  return std::string(*(choices.begin() + field.choice(choices)));
}

std::string plain_file_name(const Field& field) {
  auto name = field.text();
  if (name.find('/') != std::string::npos || name.starts_with('.')) {
    field.fail("must be a plain file name", "The files of an image must be in the folder of its manifest.");
  }
  return name;
}

std::string sha256_in(const Field& field) {
  auto digest = field.text();
  if (digest.size() != 64 || digest.find_first_not_of("0123456789abcdef") != std::string::npos) {
    field.fail("must be 64 hex digits in lower case");
  }
  return digest;
}

ChunkList parse_chunks(const Field& field) {
  field.only({"name", "sha256"});
  return {plain_file_name(field.at("name")), sha256_in(field.at("sha256"))};
}

ImageFile parse_file(const Field& field) {
  field.only({"name", "role", "format", "size", "sha256", "virtual_size", "chunks"});
  ImageFile file;
  file.name = plain_file_name(field.at("name"));
  file.role = one_of(field.at("role"), {"system-disk"});
  file.format = one_of(field.at("format"), {"qcow2", "raw"});
  file.size = static_cast<std::uint64_t>(field.at("size").integer(1, largest));
  if (const auto size = field.find("virtual_size"))
    file.virtual_size = static_cast<std::uint64_t>(size->integer(1, largest));
  file.sha256 = sha256_in(field.at("sha256"));
  if (const auto chunks = field.find("chunks")) {
    file.chunks = parse_chunks(*chunks);
    if (file.chunks->name == file.name) chunks->at("name").fail("must not be the image itself");
  }
  return file;
}

Profile parse_profile(const Field& field) {
  field.only({"os", "firmware", "disk_bus", "tpm", "administrator", "set_hostname"});
  Profile profile;
  profile.os = one_of(field.at("os"), {"windows", "standin"});
  profile.firmware = one_of(field.at("firmware"), {"uefi", "bios"});
  profile.disk_bus = one_of(field.at("disk_bus"), {"virtio-scsi", "sata"});
  if (const auto tpm = field.find("tpm")) profile.tpm = tpm->boolean();
  const auto administrator = field.find("administrator");
  profile.administrator = administrator ? administrator->text() : "Administrator";
  if (const auto command = field.find("set_hostname")) profile.set_hostname = command->strings();
  return profile;
}

}  // namespace

Manifest Manifest::parse(const Document& document) {
  const auto root = document.root();
  root.only({"format", "name", "version", "profile", "files"});
  (void)root.at("format").integer(1, 1);
  Manifest manifest;
  manifest.name = root.at("name").text();
  manifest.version = root.at("version").text();
  manifest.profile = parse_profile(root.at("profile"));
  for (const auto& file : root.at("files").items()) manifest.files.push_back(parse_file(file));
  const auto is_system_disk = [](const ImageFile& file) { return file.role == "system-disk"; };
  if (std::count_if(manifest.files.begin(), manifest.files.end(), is_system_disk) != 1) {
    root.at("files").fail("must name exactly one file with the role system-disk");
  }
  return manifest;
}

const ImageFile& Manifest::system_disk() const {
  return *std::find_if(files.begin(), files.end(), [](const ImageFile& file) { return file.role == "system-disk"; });
}

}  // namespace rescue::images
