// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/boot_config.hpp"

#include "core/suggest.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rescue::netboot {
namespace {

/// Text that goes into a boot script unchanged: one line, and for URLs and file names one word.
std::string script_text(const Field& field, bool one_word) {
  auto text = field.string();
  const bool breaks = std::any_of(text.begin(), text.end(), [one_word](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '\x7f' || (one_word && c == ' ');
  });
  if (breaks) field.fail(one_word ? "must not hold spaces or control characters" : "must be one line");
  return text;
}

/// Files that an entry loads, as configured: below `base_url`, or URLs of their own.
struct Files {
  std::string base_url;
  std::string kernel;
  std::vector<std::string> initrds;
  std::string squashfs;
  std::string arguments;
  unsigned attempts = 3;
};

Files rescue_system() { return {{}, "vmlinuz", {"initrd.img"}, "filesystem.squashfs", "boot=rescue panic=30", 3}; }

/// `file` below the base URL, or on its own where it is a URL already.
std::string url_of(const Field& entry, const std::string& base, const std::string& file) {
  if (file.empty() || file.find("://") != std::string::npos) return file;
  if (base.empty()) (void)entry.at("base_url");
  return base + '/' + file;
}

std::vector<std::string> initrds_from(const Field& field) {
  constexpr std::size_t most = 8;
  std::vector<std::string> initrds;
  if (!field.json().is_array()) {
    initrds.push_back(script_text(field, true));
  } else {
    for (const auto& item : field.items()) initrds.push_back(script_text(item, true));
  }
  std::erase(initrds, std::string{});
  if (initrds.size() > most) field.fail(fmt::format("must name {} files at most", most));
  return initrds;
}

unsigned attempts_from(const Field& entry, unsigned fallback) {
  const auto attempts = entry.find("attempts");
  return attempts ? static_cast<unsigned>(attempts->integer(1, 10)) : fallback;
}

Files files_from(const Field& entry, Files files) {
  if (const auto url = entry.find("base_url")) files.base_url = web_url(*url);
  if (const auto kernel = entry.find("kernel")) files.kernel = script_text(*kernel, true);
  if (const auto initrd = entry.find("initrd")) files.initrds = initrds_from(*initrd);
  if (const auto squashfs = entry.find("squashfs")) files.squashfs = script_text(*squashfs, true);
  if (const auto arguments = entry.find("arguments")) files.arguments = script_text(*arguments, false);
  files.attempts = attempts_from(entry, files.attempts);
  return files;
}

ipxe::KernelBoot boot_of(const Field& entry, const Files& files) {
  if (files.kernel.empty()) entry.fail("must have a kernel");
  ipxe::KernelBoot boot;
  boot.kernel_url = url_of(entry, files.base_url, files.kernel);
  for (const auto& initrd : files.initrds) boot.initrd_urls.push_back(url_of(entry, files.base_url, initrd));
  boot.squashfs_url = url_of(entry, files.base_url, files.squashfs);
  boot.arguments = files.arguments;
  boot.attempts = files.attempts;
  return boot;
}

std::string description_from(const Field& entry, std::string fallback) {
  const auto field = entry.find("description");
  if (!field) return fallback;
  auto text = script_text(*field, false);
  constexpr std::size_t longest = 200;
  if (text.size() > longest) field->fail(fmt::format("must have {} bytes at most", longest));
  return text;
}

Files rescue_files_from(const Field& entry, const Files& files) {
  entry.only({"description", "base_url", "kernel", "initrd", "squashfs", "arguments", "attempts"});
  return files_from(entry, files);
}

void put_rescue(Catalogue& catalogue, const BootMode& mode, const std::optional<Field>& entry, ipxe::KernelBoot boot) {
  auto choice = *catalogue.find(mode);
  if (entry) choice.description = description_from(*entry, choice.description);
  choice.boot = std::move(boot);
  catalogue.put(std::move(choice));
}

/// Reads both rescue systems; the one for a person takes its defaults from the other.
void read_rescues(const Field& boot, Catalogue& catalogue) {
  const auto automatic = boot.find(BootMode::rescue_windows.name());
  const auto manual = boot.find(BootMode::rescue_linux.name());
  auto files = rescue_system();
  if (automatic) {
    files = rescue_files_from(*automatic, files);
    put_rescue(catalogue, BootMode::rescue_windows, automatic, boot_of(*automatic, files));
  }
  if (manual) files = rescue_files_from(*manual, files);
  if (const auto& said_in = manual ? manual : automatic) {
    put_rescue(catalogue, BootMode::rescue_linux, manual, boot_of(*said_in, files));
  }
}

ipxe::Boot boot_from(const Field& entry) {
  const auto script = entry.find("script");
  if (!script) return boot_of(entry, files_from(entry, {}));
  for (const auto* const key : {"kernel", "initrd", "squashfs", "arguments", "agent"}) {
    if (const auto field = entry.find(key)) field->fail("can't be combined with script, which names its files itself");
  }
  const auto url = entry.find("base_url");
  return ipxe::ScriptBoot{url_of(entry, url ? web_url(*url) : std::string{}, script_text(*script, true)),
                          attempts_from(entry, 3)};
}

/// Reads an entry of the operator.
BootChoice own_choice(const Field& boot, const std::string& name) {
  const auto mode = BootMode::try_parse(name);
  const auto entry = boot.at(name);
  if (!mode) {
    entry.fail("is not the name of a boot mode", "Use lower-case letters, digits and '-', 32 characters at most.");
  }
  if (*mode == BootMode::disk) entry.fail("needs no section: it is the default boot mode");
  if (name == "unknown") entry.fail("is what /metrics calls boots of servers that are not known");
  if (!entry.find("kernel") && !entry.find("script")) {
    const auto meant = nearest(name, {BootMode::rescue_windows.name(), BootMode::rescue_linux.name()});
    entry.fail("must have a kernel or a script", meant ? fmt::format("Did you mean '{}'?", *meant) : "");
  }
  entry.only({"description", "base_url", "kernel", "initrd", "squashfs", "arguments", "attempts", "script", "agent"});
  const auto agent = entry.find("agent");
  return {*mode, description_from(entry, {}), boot_from(entry), agent && agent->boolean()};
}

}  // namespace

std::string web_url(const Field& field) {
  auto url = script_text(field, true);
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    field.fail("must be an http or https URL", "Write it as http://198.51.100.1:8470.");
  }
  while (url.ends_with('/')) url.pop_back();
  return url;
}

Catalogue catalogue_from(const Field& boot) {
  Catalogue catalogue;
  if (!boot.json().is_object()) boot.fail("must be a mapping");
  read_rescues(boot, catalogue);
  for (const auto& [name, entry] : boot.json().items()) {
    if (name == BootMode::rescue_windows.name() || name == BootMode::rescue_linux.name()) continue;
    catalogue.put(own_choice(boot, name));
  }
  if (catalogue.choices().size() > Catalogue::most) {
    boot.fail(fmt::format("must hold {} boot modes at most", Catalogue::most));
  }
  return catalogue;
}

}  // namespace rescue::netboot
