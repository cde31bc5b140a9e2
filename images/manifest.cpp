// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/manifest.hpp"

#include "core/error.hpp"
#include "core/printable.hpp"
#include "images/manifest_fields.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

namespace rescue::images {
namespace {

constexpr std::int64_t largest_image = std::int64_t{1} << 50;
constexpr std::int64_t largest_boot_profile = std::int64_t{16} << 20;
constexpr std::size_t most_files = 16;
constexpr unsigned newest_format = 2;

using Keys = std::initializer_list<std::string_view>;

std::string one_of(const Field& field, Keys choices) { return std::string(*(choices.begin() + field.choice(choices))); }

/// Names that a host or a web server has for itself in the folder of an image.
bool is_reserved(std::string_view name) {
  constexpr std::array<std::string_view, 2> own{"manifest.json", "catalogue.json"};
  const auto is_own = [&](std::string_view prefix) { return name.starts_with(prefix); };
  return std::any_of(own.begin(), own.end(), is_own) || name.ends_with(".part");
}

std::string plain_file_name(const Field& field) {
  auto name = line_in(field);
  if (name.find('/') != std::string::npos || name.starts_with('.')) {
    field.fail("must be a plain file name", "The files of an image must be in the folder of its manifest.");
  }
  if (is_reserved(name)) field.fail("is a reserved name", "Name the file otherwise.");
  return name;
}

std::string sha256_in(const Field& field) {
  auto digest = field.text();
  if (digest.size() != 64 || digest.find_first_not_of("0123456789abcdef") != std::string::npos) {
    field.fail("must be 64 hex digits in lower case");
  }
  return digest;
}

/// Arguments of a command: blanks in them have a meaning.
std::vector<std::string> arguments_in(const Field& field) {
  std::vector<std::string> arguments;
  for (const auto& item : items_in(field, 16)) {
    auto argument = item.text();
    const auto is_control = [](char byte) { return static_cast<unsigned char>(byte) < ' ' || byte == '\x7f'; };
    if (argument.size() > 4096) item.fail("must have 4096 bytes at most");
    if (std::any_of(argument.begin(), argument.end(), is_control)) item.fail("must have no control characters");
    arguments.push_back(std::move(argument));
  }
  return arguments;
}

/// Reads a manifest of one format.
class ManifestReader {
public:
  ManifestReader(Field root, unsigned format, UnknownFields unknown)
      : root_(std::move(root)), format_(format), strict_(format == 1 || unknown == UnknownFields::refused) {}

  Manifest read() const {
    Manifest manifest;
    manifest.number = format_;
    if (format_ == 1) {
      root_.only({"format", "name", "version", "profile", "files"});
      manifest.name = line_in(root_.at("name"));
      manifest.kind =
          root_.at("profile").at("os").choice({"windows", "standin"}) == 0 ? Kind::windows_server : Kind::standin;
    } else {
      read_head(manifest);
    }
    manifest.version = line_in(root_.at("version"));
    manifest.profile = profile(root_.at("profile"));
    manifest.profile.os = manifest.kind == Kind::standin ? "standin" : "windows";
    manifest.files = files(root_.at("files"));
    return manifest;
  }

private:
  void only(const Field& field, Keys keys) const {
    if (strict_) field.only(keys);
  }

  void read_head(Manifest& manifest) const {
    only(root_, {"manifest", "requires", "name", "version", "channel", "counter", "kind", "windows", "languages",
                 "licence", "created", "expires", "pinned", "contract", "profile", "files"});
    if (const auto features = root_.find("requires")) {
      for (const auto& feature : items_in(*features, 64)) {
        feature.fail(fmt::format("needs the feature '{}', which this program does not know", line_in(feature)),
                     "Update this program, for rescued the rescue system, or publish the image without the feature.");
      }
    }
    manifest.name = name_in(root_.at("name"));
    if (const auto channel = root_.find("channel")) manifest.channel = name_in(*channel);
    manifest.counter = counter_in(root_.at("counter"));
    manifest.kind = root_.at("kind").word<Kind>();
    if (manifest.kind != Kind::standin) manifest.windows = windows(root_.at("windows"));
    if (const auto languages = root_.find("languages")) manifest.languages = languages_in(*languages);
    if (const auto licence = root_.find("licence")) manifest.licence = line_in(*licence, 4096);
    manifest.created = time_in(root_.at("created"));
    if (const auto expires = root_.find("expires")) {
      manifest.expires = time_in(*expires);
      if (*manifest.expires <= *manifest.created) expires->fail("must be after `created`");
    }
    if (const auto pinned = root_.find("pinned")) manifest.pinned = pinned_set(*pinned);
    if (const auto contract = root_.find("contract")) manifest.contract = contract_record(*contract);
  }

  WindowsBuild windows(const Field& field) const {
    only(field, {"build", "revision", "edition"});
    WindowsBuild windows;
    windows.build = windows_build_in(field.at("build"));
    if (const auto revision = field.find("revision")) {
      windows.revision = static_cast<unsigned>(revision->integer(0, 9'999'999));
    }
    if (const auto edition = field.find("edition")) windows.edition = line_in(*edition);
    return windows;
  }

  PinnedSet pinned_set(const Field& field) const {
    only(field, {"qemu", "machine", "ovmf", "drivers"});
    PinnedSet pinned;
    pinned.qemu = line_in(field.at("qemu"));
    pinned.machine = line_in(field.at("machine"));
    if (const auto ovmf = field.find("ovmf")) pinned.ovmf = line_in(*ovmf);
    const auto drivers = field.find("drivers");
    if (!drivers) return pinned;
    if (!drivers->json().is_object()) drivers->fail("must be a mapping");
    if (drivers->json().size() > 64) drivers->fail("must have 64 items at most");
    for (const auto& [driver, version] : drivers->json().items()) {
      constexpr std::size_t longest_name = 63;
      if (driver.empty() || driver.size() > longest_name) drivers->fail("has a name that is empty or too long");
      if (!version.is_null()) pinned.drivers.emplace(driver, line_in(drivers->at(driver)));
    }
    return pinned;
  }

  /// The verifier adds what it likes: fields that are not known here are ignored even by the tools.
  static ContractRecord contract_record(const Field& field) {
    ContractRecord record;
    record.date = time_in(field.at("date"));
    if (const auto qemu = field.at("qemu"); !qemu.string().empty()) record.qemu = line_in(qemu);
    for (const auto& result : items_in(field.at("results"), 256)) {
      record.results.push_back({line_in(result.at("point")), line_in(result.at("result"))});
    }
    return record;
  }

  Profile profile(const Field& field) const {
    Profile profile;
    if (format_ == 1) {
      field.only({"os", "firmware", "disk_bus", "tpm", "administrator", "set_hostname"});
    } else {
      only(field, {"firmware", "machine", "disk_bus", "nic", "tpm", "hyperv", "agent", "ports", "least_memory_mib",
                   "administrator", "set_hostname", "actions"});
      if (const auto found = field.find("actions")) profile.actions = actions(*found);
      read_machine(field, profile);
    }
    profile.firmware = one_of(field.at("firmware"), {"uefi", "bios"});
    profile.disk_bus = one_of(field.at("disk_bus"), {"virtio-scsi", "sata"});
    if (const auto tpm = field.find("tpm")) profile.tpm = tpm->boolean();
    const auto administrator = field.find("administrator");
    profile.administrator = administrator ? line_in(*administrator) : "Administrator";
    if (const auto command = field.find("set_hostname")) profile.set_hostname = arguments_in(*command);
    return profile;
  }

  void read_machine(const Field& field, Profile& profile) const {
    if (const auto machine = field.find("machine")) profile.machine = one_of(*machine, {"q35", "pc"});
    if (const auto nic = field.find("nic")) profile.nic = one_of(*nic, {"virtio", "e1000e"});
    if (const auto hyperv = field.find("hyperv")) profile.hyperv = lines_in(*hyperv, 64);
    if (const auto agent = field.find("agent")) profile.agent = one_of(*agent, {"qemu", "none"});
    profile.least_memory_mib = memory_mib_in(field.at("least_memory_mib"));
    const auto ports = field.find("ports");
    if (!ports) return;
    only(*ports, {"ssh", "rdp"});
    constexpr std::int64_t last_port = 65'535;
    if (const auto port = ports->find("ssh"))
      profile.ssh_port = static_cast<std::uint16_t>(port->integer(1, last_port));
    if (const auto port = ports->find("rdp"))
      profile.rdp_port = static_cast<std::uint16_t>(port->integer(1, last_port));
  }

  contract::GuestActions actions(const Field& field) const {
    if (!field.json().is_object()) field.fail("must be a mapping");
    contract::GuestActions actions;
    for (const auto& [name, value] : field.json().items()) {
      if (const auto action = parse_word<contract::GuestAction>(name)) {
        actions.emplace(*action, procedure(field.at(name)));
      } else if (strict_) {
        field.fail(fmt::format("names '{}', which is no action", printable(name, 40)),
                   fmt::format("Use: {}.", fmt::join(choices<contract::GuestAction>(), ", ")));
      }
    }
    return actions;
  }

  contract::GuestProcedure procedure(const Field& field) const {
    constexpr std::size_t most_commands = 16;
    only(field, {"file", "crlf", "before_login", "commands"});
    contract::GuestProcedure procedure;
    if (const auto file = field.find("file")) procedure.file = line_in(*file);
    if (const auto crlf = field.find("crlf")) procedure.crlf = crlf->boolean();
    if (const auto before = field.find("before_login")) procedure.before_login = before->boolean();
    if (const auto commands = field.find("commands")) {
      for (const auto& command : items_in(*commands, most_commands)) {
        procedure.commands.push_back(arguments_in(command));
      }
    }
    if (procedure.file.empty() && procedure.commands.empty()) field.fail("needs a file or commands");
    return procedure;
  }

  ImageFile file(const Field& field) const {
    only(field, {"name", "role", "format", "size", "sha256", "virtual_size", "chunks"});
    ImageFile file;
    file.name = plain_file_name(field.at("name"));
    const auto role = format_ == 1 ? (void(one_of(field.at("role"), {"system-disk"})), FileRole::system_disk)
                                   : field.at("role").word<FileRole>();
    file.role = name_of(role);
    const bool is_disk = role == FileRole::system_disk;
    file.size = static_cast<std::uint64_t>(field.at("size").integer(1, is_disk ? largest_image : largest_boot_profile));
    file.sha256 = sha256_in(field.at("sha256"));
    if (!is_disk) {
      if (strict_) field.only({"name", "role", "size", "sha256"});
      return file;
    }
    file.format = one_of(field.at("format"), {"qcow2", "raw"});
    if (const auto size = field.find("virtual_size")) {
      file.virtual_size = static_cast<std::uint64_t>(size->integer(1, largest_image));
    }
    if (const auto chunks = field.find("chunks")) {
      only(*chunks, {"name", "sha256"});
      file.chunks = ChunkList{plain_file_name(chunks->at("name")), sha256_in(chunks->at("sha256"))};
      if (file.chunks->name == file.name) chunks->at("name").fail("must not be the image itself");
    }
    return file;
  }

  std::vector<ImageFile> files(const Field& field) const {
    std::vector<ImageFile> files;
    std::set<std::string> names;
    for (const auto& item : items_in(field, most_files)) {
      const auto& added = files.emplace_back(file(item));
      if (!names.insert(added.name).second) item.at("name").fail("is given twice");
      if (added.chunks && !names.insert(added.chunks->name).second) {
        item.at("chunks").at("name").fail("is given twice");
      }
    }
    const auto count = [&](FileRole role) {
      return std::count_if(files.begin(), files.end(), [&](const auto& one) { return one.role == name_of(role); });
    };
    if (count(FileRole::system_disk) != 1) field.fail("must name exactly one file with the role system-disk");
    if (count(FileRole::boot_profile) > 1) field.fail("must name at most one file with the role boot-profile");
    return files;
  }

  Field root_;
  unsigned format_;
  bool strict_;
};

}  // namespace

Manifest Manifest::parse(const Document& document, UnknownFields unknown) {
  const auto root = document.root();
  if (root.find("format") && !root.find("manifest")) {
    (void)root.at("format").integer(1, 1);
    return ManifestReader(root, 1, unknown).read();
  }
  const auto number = root.at("manifest");
  const auto format = number.integer(1, INT64_MAX);
  if (format > newest_format) {
    number.fail(fmt::format("is {}, this program reads manifests up to {}", format, newest_format),
                "Update this program, for rescued the rescue system, or publish the image in the older format.");
  }
  if (format == 1) number.fail("can't be 1", "Write `format: 1` for a manifest of the first format.");
  return ManifestReader(root, newest_format, unknown).read();
}

Manifest Manifest::parse_text(const std::string& source, const std::string& text, UnknownFields unknown) {
  if (text.size() > largest) {
    throw Error(ErrorCode::config_invalid,
                fmt::format("{}: has {} bytes, a manifest has {} at most", source, text.size(), largest),
                "Check that the file is a manifest.");
  }
  return parse(Document::from_json(source, text), unknown);
}

const ImageFile& Manifest::system_disk() const {
  return *std::find_if(files.begin(), files.end(), [](const ImageFile& file) { return file.role == "system-disk"; });
}

const ImageFile* Manifest::boot_profile() const {
  const auto found =
      std::find_if(files.begin(), files.end(), [](const ImageFile& file) { return file.role == "boot-profile"; });
  return found == files.end() ? nullptr : &*found;
}

}  // namespace rescue::images
