// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/windows/media_builder.hpp"

#include "core/error.hpp"
#include "core/subprocess.hpp"

#include <fmt/format.h>

#include <random>

namespace rescue::tests {
namespace fs = std::filesystem;

std::vector<EditionFacts> server_editions(unsigned build, const std::string& year) {
  std::vector<EditionFacts> editions;
  for (const auto& [id, title] : {std::pair<std::string, std::string>{"ServerStandard", "Standard"},
                                  std::pair<std::string, std::string>{"ServerDatacenter", "Datacenter"}}) {
    const auto name = fmt::format("Windows Server {} ", year);
    const auto upper = id == "ServerStandard" ? "SERVERSTANDARD" : "SERVERDATACENTER";
    editions.push_back({name + upper + "CORE", name + title, id, id + "Core", "Server Core", build, 9, {"en-US"}});
    editions.push_back({name + upper, name + title + " (Desktop Experience)", id, id, "Server", build, 9, {"en-US"}});
  }
  return editions;
}

bool can_make_media() {
  for (const auto& argv : {std::vector<std::string>{"genisoimage", "-version"},
                           {"wimlib-imagex", "--version"},
                           {"msibuild", "--help"},
                           {"bsdtar", "--version"}}) {
    try {
      Command command;
      command.argv = argv;
      (void)run(command);
    } catch (const Error&) {
      return false;
    }
  }
  return true;
}

void MediaBuilder::run_here(std::vector<std::string> argv) const {
  Command command;
  command.argv = std::move(argv);
  command.time_limit = Milliseconds(120'000);
  run_checked(command);
}

std::string MediaBuilder::write(const std::string& name, std::string_view content) const {
  fs::create_directories(fs::path(path(name)).parent_path());
  return folder_.write(name, content);
}

std::string MediaBuilder::wim(const std::string& name, const std::vector<EditionFacts>& editions, bool solid) const {
  write("content/Windows/System32/ntoskrnl.exe", "kernel");
  const auto file = path(name);
  fs::create_directories(fs::path(file).parent_path());
  unsigned index = 0;
  for (const auto& edition : editions) {
    std::vector<std::string> capture{"wimlib-imagex", index == 0 ? "capture" : "append", path("content"), file,
                                     edition.name};
    if (index == 0 && solid) capture.emplace_back("--solid");
    run_here(capture);
    std::vector<std::string> info{"wimlib-imagex", "info", file, std::to_string(++index)};
    const auto set = [&info](const std::string& key, const std::string& value) {
      info.push_back("--image-property");
      info.push_back(key + "=" + value);
    };
    set("DISPLAYNAME", edition.display_name);
    set("FLAGS", edition.flags);
    set("WINDOWS/ARCH", std::to_string(edition.architecture));
    set("WINDOWS/EDITIONID", edition.edition_id);
    set("WINDOWS/INSTALLATIONTYPE", edition.installation_type);
    set("WINDOWS/PRODUCTNAME", "Microsoft® Windows® Operating System");
    set("WINDOWS/VERSION/MAJOR", "10");
    set("WINDOWS/VERSION/BUILD", std::to_string(edition.build));
    set("WINDOWS/VERSION/SPBUILD", "1742");
    unsigned number = 0;
    for (const auto& language : edition.languages)
      set(fmt::format("WINDOWS/LANGUAGES/LANGUAGE[{}]", ++number), language);
    set("WINDOWS/LANGUAGES/DEFAULT", edition.languages.front());
    run_here(info);
  }
  return file;
}

unsigned MediaBuilder::split(const std::string& wim, const std::string& into) const {
  // Content that can't be compressed, so that there is something to split.
  std::mt19937 generator(1);
  std::string noise(3U << 20U, '\0');
  for (char& byte : noise) byte = static_cast<char>(generator());
  write("noise/noise.bin", noise);
  run_here({"wimlib-imagex", "append", path("noise"), wim, "noise"});
  fs::create_directories(into);
  run_here({"wimlib-imagex", "split", wim, into + "/install.swm", "1"});
  return static_cast<unsigned>(std::distance(fs::directory_iterator(into), fs::directory_iterator()));
}

std::string MediaBuilder::udf_iso(const std::string& name, const std::string& tree) const {
  std::vector<std::string> argv{"genisoimage", "-quiet", "-udf", "-allow-limited-size", "-V", "SSS_X64FRE_EN-US_DV9"};
  for (const auto& entry : fs::directory_iterator(tree)) {
    if (entry.path().filename() == "README.TXT") continue;
    argv.emplace_back("-hide");
    argv.push_back(entry.path().filename());
  }
  argv.insert(argv.end(), {"-o", path(name), tree});
  run_here(argv);
  return path(name);
}

std::string MediaBuilder::plain_iso(const std::string& name, const std::string& tree) const {
  run_here({"genisoimage", "-quiet", "-r", "-J", "-V", "virtio-win", "-o", path(name), tree});
  return path(name);
}

std::string MediaBuilder::zip(const std::string& name, const std::string& tree) const {
  run_here({"bsdtar", "--format=zip", "-C", tree, "-cf", path(name), "."});
  return path(name);
}

std::string MediaBuilder::zip_with_prefix(const std::string& name, const std::string& tree,
                                          const std::string& prefix) const {
  run_here({"bsdtar", "--format=zip", "-P", "-s", "|^./|" + prefix + "|", "-C", tree, "-cf", path(name), "."});
  return path(name);
}

std::string MediaBuilder::msi(const std::string& name, const std::string& version) const {
  fs::create_directories(fs::path(path(name)).parent_path());
  const auto table =
      write("Property.idt", "Property\tValue\r\ns72\tl0\r\nProperty\tProperty\r\nProductName\tQEMU guest "
                            "agent\r\nProductVersion\t" +
                                version + "\r\n");
  run_here({"msibuild", path(name), "-i", table});
  return path(name);
}

std::string MediaBuilder::catalogue(const std::string& name, const std::string& key_usage) const {
  const auto key = path("catalogue.key");
  const auto certificate = path("catalogue.pem");
  const auto content = write("catalogue.content", "members");
  run_here({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
            "-out", certificate, "-subj", "/CN=Publisher", "-addext", "extendedKeyUsage=codeSigning," + key_usage});
  run_here({"openssl", "cms", "-sign", "-binary", "-nodetach", "-outform", "DER", "-econtent_type",
            "1.3.6.1.4.1.311.10.1", "-signer", certificate, "-inkey", key, "-in", content, "-out", path(name)});
  return path(name);
}

std::string MediaBuilder::program(const std::string& name, std::uint16_t machine) const {
  std::string bytes(512, '\0');
  bytes.replace(0, 2, "MZ");
  bytes[0x3c] = 0x40;
  bytes.replace(0x40, 2, "PE");
  bytes[0x44] = static_cast<char>(machine & 0xFFU);
  bytes[0x45] = static_cast<char>(machine >> 8U);
  return write(name, bytes);
}

std::string MediaBuilder::windows_tree(const std::string& name, const std::vector<EditionFacts>& editions) const {
  write(name + "/README.TXT", "This disc contains a \"UDF\" file system.");
  write(name + "/setup.exe", "MZ");
  write(name + "/efi/microsoft/boot/efisys_noprompt.bin", "FAT");
  write(name + "/boot/bootfix.bin", "prompt");
  wim(name + "/sources/install.wim", editions);
  return path(name);
}

std::string MediaBuilder::virtio_tree(const std::string& name, const std::vector<std::string>& releases,
                                      unsigned build) const {
  const auto signature = catalogue("signature.cat", "1.3.6.1.4.1.311.10.3.5.1");
  for (const auto& [driver, file] : std::vector<std::pair<std::string, std::string>>{{"vioscsi", "vioscsi"},
                                                                                     {"viostor", "viostor"},
                                                                                     {"NetKVM", "netkvm"},
                                                                                     {"vioserial", "vioser"},
                                                                                     {"Balloon", "balloon"},
                                                                                     {"viorng", "viorng"},
                                                                                     {"viogpudo", "viogpudo"},
                                                                                     {"qxldod", "qxldod"},
                                                                                     {"pvpanic", "pvpanic"}}) {
    for (const auto& release : releases) {
      const auto folder = fmt::format("{}/{}/{}/amd64/", name, driver, release);
      write(folder + file + ".inf", inf_text(fmt::format("02/26/2025,100.97.104.{}00", build)));
      write(folder + file + ".sys", "MZ");
      fs::copy_file(signature, path(folder + file + ".cat"));
    }
  }
  msi(name + "/guest-agent/qemu-ga-x86_64.msi", "110.2.4");
  write(name + "/guest-agent/qemu-ga-i386.msi", "another architecture");
  write(name + "/virtio-win_license.txt", "licence");
  return path(name);
}

std::string inf_text(const std::string& driver_version, const std::string& decoration) {
  return "; Installation file\r\n"
         "[version]\r\n"
         "Signature = \"$Windows NT$\"\r\n"
         "Class=SCSIAdapter\r\n"
         "Provider=%VENDOR%\r\n"
         "driverver = " +
         driver_version +
         " ; stamped by the build\r\n"
         "CatalogFile=driver.cat\r\n"
         "[Manufacturer]\r\n"
         "%VENDOR% = Models, " +
         decoration +
         "\r\n"
         "[Models." +
         decoration +
         "]\r\n"
         "[Strings]\r\n"
         "VENDOR = \"Red Hat, Inc.\"\r\n";
}

}  // namespace rescue::tests
