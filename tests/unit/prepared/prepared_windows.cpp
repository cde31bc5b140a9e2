// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/prepared/prepared_windows.hpp"

#include "core/error.hpp"
#include "core/subprocess.hpp"
#include "images/windows/inf_text.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>

namespace rescue::tests {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t mebibyte = 1U << 20U;
constexpr std::uint64_t first_start = 1 * mebibyte;
constexpr std::uint64_t first_size = 4 * mebibyte;
constexpr std::uint64_t windows_start = first_start + first_size;
constexpr std::uint64_t windows_size = 32 * mebibyte;
constexpr std::uint64_t recovery_start = windows_start + windows_size;
constexpr std::uint64_t disk_size = recovery_start + 8 * mebibyte;
constexpr const char* config = "Windows/System32/config/";

std::string task(const char* enabled) {
  const auto xml = std::string("<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n"
                               "<Task xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">"
                               "<Settings><Enabled>") +
                   enabled + "</Enabled></Settings></Task>";
  return "\xff\xfe" + windows::utf16_of(xml);
}

std::string account(bool enabled) {
  std::string bytes(0x50, '\0');
  bytes[0x38] = static_cast<char>(enabled ? 0x10 : 0x11);
  bytes[0x39] = 0x02;
  return bytes;
}

void copy_into(const std::string& from, const std::string& to, std::uint64_t offset) {
  std::ifstream in(from, std::ios::binary);
  std::fstream out(to, std::ios::binary | std::ios::in | std::ios::out);
  out.seekp(static_cast<std::streamoff>(offset));
  out << in.rdbuf();
}

template <class Number>
Number number_at(const std::string& bytes, std::size_t offset) {
  Number number{};
  std::memcpy(&number, bytes.data() + offset, sizeof number);
  return number;
}

/// Sets the flag "dirty" in $VOLUME_INFORMATION (type 0x70) of $Volume, record 3 of the MFT and of its mirror.
void mark_dirty(const std::string& volume) {
  std::fstream file(volume, std::ios::binary | std::ios::in | std::ios::out);
  std::string boot(512, '\0');
  file.read(boot.data(), 512);
  const auto cluster = std::uint64_t{number_at<std::uint16_t>(boot, 11)} * static_cast<unsigned char>(boot[13]);
  constexpr std::size_t record_size = 1024;
  for (const std::size_t place : {0x30U, 0x38U}) {
    const auto record_at = number_at<std::uint64_t>(boot, place) * cluster + 3 * record_size;
    std::string record(record_size, '\0');
    file.seekg(static_cast<std::streamoff>(record_at));
    file.read(record.data(), record_size);
    std::size_t at = number_at<std::uint16_t>(record, 0x14);
    while (number_at<std::uint32_t>(record, at) != 0x70) at += number_at<std::uint32_t>(record, at + 4);
    const auto flags = at + number_at<std::uint16_t>(record, at + 0x14) + 10;
    file.seekp(static_cast<std::streamoff>(record_at + flags));
    file.put(1);
  }
}

/// Gives every symbolic link of the volume the tag of WOF in place of its own: wimlib makes no other reparse points.
void make_links_wof(const std::string& volume) {
  std::ifstream in(volume, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const std::string link("\x0c\x00\x00\xa0", 4);
  const std::string wof("\x17\x00\x00\x80", 4);
  for (auto at = bytes.find(link); at != std::string::npos; at = bytes.find(link, at)) bytes.replace(at, 4, wof);
  std::ofstream(volume, std::ios::binary) << bytes;
}

/// Master boot record with an active partition and one for Windows (types 0x07), and a recovery partition (0x27).
void write_mbr(const std::string& disk, bool recovery) {
  std::string sector(512, '\0');
  const auto entry = [&](std::size_t index, bool active, unsigned char type, std::uint64_t start, std::uint64_t size) {
    const auto at = 446 + index * 16;
    sector[at] = static_cast<char>(active ? 0x80 : 0);
    sector[at + 4] = static_cast<char>(type);
    const std::uint32_t numbers[]{static_cast<std::uint32_t>(start / 512), static_cast<std::uint32_t>(size / 512)};
    std::memcpy(sector.data() + at + 8, numbers, sizeof numbers);
  };
  entry(0, true, 0x07, first_start, first_size);
  entry(1, false, 0x07, windows_start, windows_size);
  if (recovery) entry(2, false, 0x27, recovery_start, 4 * mebibyte);
  sector[510] = 0x55;
  sector[511] = static_cast<char>(0xaa);
  std::fstream(disk, std::ios::binary | std::ios::in | std::ios::out) << sector;
}

}  // namespace

std::string inf_of(const std::string& driver_version) {
  return "[Version]\r\nSignature=\"$WINDOWS NT$\"\r\nDriverVer = " + driver_version + "\r\n";
}

bool can_make_windows() {
  for (const auto& argv : {std::vector<std::string>{"mkntfs", "--version"},
                           {"wimlib-imagex", "--version"},
                           {"qemu-img", "--version"},
                           {"sgdisk", "--version"},
                           {"mformat", "--version"}}) {
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

WindowsContent::WindowsContent() {
  const std::string set_1 = "ControlSet001\\";
  set("SYSTEM", "Select", "Current", 1U);
  set("SYSTEM", "Setup", "SetupType", 0U);
  for (const char* service : {"vioscsi", "viostor"}) set("SYSTEM", set_1 + "Services\\" + service, "Start", 0U);
  for (const char* service : {"netkvm", "VirtioSerial", "TermService", "Netlogon"}) {
    set("SYSTEM", set_1 + "Services\\" + service, "Start", 3U);
  }
  for (const char* service : {"QEMU-GA", "sshd", "mpssvc"}) set("SYSTEM", set_1 + "Services\\" + service, "Start", 2U);
  set("SYSTEM", set_1 + "Control\\Terminal Server", "fDenyTSConnections", 0U);
  set("SYSTEM", set_1 + "Control\\Terminal Server\\WinStations\\RDP-Tcp", "UserAuthentication", 1U);
  set("SYSTEM", set_1 + "Services\\partmgr\\Parameters", "SanPolicy", 3U);
  set("SYSTEM", set_1 + "Control\\BitLocker", "PreventDeviceEncryption", 1U);
  set("SYSTEM", set_1 + "Control\\Power", "HibernateEnabled", 0U);
  set("SYSTEM", set_1 + "Control\\Session Manager\\Power", "HiberbootEnabled", 0U);
  const auto rules = set_1 + "Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules";
  set("SYSTEM", rules, "{A1}",
      std::string("v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=22|Name=Rescue SSH|"));
  set("SYSTEM", rules, "RemoteDesktop-UserMode-In-TCP",
      std::string("v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=3389|App=%SystemRoot%\\system32\\svchost.exe|"
                  "Svc=termservice|Name=@FirewallAPI.dll,-28775|"));
  const std::string version = "Microsoft\\Windows NT\\CurrentVersion";
  set("SOFTWARE", version, "CurrentBuildNumber", std::string("26100"));
  set("SOFTWARE", version, "EditionID", std::string("ServerStandard"));
  set("SOFTWARE", version, "InstallationType", std::string("Server"));
  set("SOFTWARE", "Policies\\Microsoft\\Windows\\WindowsUpdate\\AU", "NoAutoUpdate", 1U);
  set("SAM", "SAM\\Domains\\Account\\Users\\000001F4", "F", Binary{account(true)});
  for (const std::string driver : {"vioscsi", "viostor"}) {
    files["Windows/System32/drivers/" + driver + ".sys"] = "MZ driver";
    files["Windows/System32/DriverStore/FileRepository/" + driver + ".inf_amd64_0123456789abcdef/" + driver + ".inf"] =
        inf_of("02/26/2025,100.97.104.27100");
  }
  files["Windows/System32/Tasks/Microsoft/Windows/Defrag/ScheduledDefrag"] = task("false");
}

void WindowsContent::set(const std::string& hive, const std::string& key, const std::string& name,
                         std::variant<std::uint32_t, std::string, Binary> data) {
  remove(key, name);
  registry.push_back({hive, key, name, std::move(data)});
}

void WindowsContent::remove(const std::string& key, const std::string& name) {
  std::erase_if(registry, [&](const RegistryValue& value) { return value.key == key && value.name == name; });
}

void PreparedWindows::run_here(std::vector<std::string> argv) const {
  Command command;
  command.argv = std::move(argv);
  command.time_limit = Milliseconds(120'000);
  run_checked(command);
}

/// The volume of Windows. wimlib applies a tree to an NTFS volume in a file.
std::string PreparedWindows::volume_of(const WindowsContent& content) const {
  const auto tree = path("tree");
  fs::remove_all(tree);
  fs::create_directories(tree + "/" + config);
  for (const auto& [name, bytes] : content.files) {
    fs::create_directories(fs::path(tree + "/" + name).parent_path());
    std::ofstream(tree + "/" + name, std::ios::binary) << bytes;
  }
  for (const auto& name : content.wof_compressed) {
    fs::remove(tree + "/" + name);
    fs::create_symlink("data", tree + "/" + name);
  }
  if (!content.registry.empty()) {
    for (const char* hive : {"SYSTEM", "SOFTWARE", "SAM", "SECURITY", "DEFAULT"}) {
      write_hive(tree + "/" + config + hive, hive, content.registry);
    }
  }
  for (const auto& hive : content.dirty_hives) make_hive_dirty(tree + "/" + config + hive);
  const auto wim = path("tree.wim");
  const auto volume = path("volume.img");
  fs::remove(wim);
  std::ofstream(volume, std::ios::binary).close();
  fs::resize_file(volume, 0);
  fs::resize_file(volume, windows_size);
  run_here({"mkntfs", "--force", "--fast", "--quiet", "--sector-size", "512", "--partition-start", "10240", "--heads",
            "255", "--sectors-per-track", "63", volume});
  // Without this list wimlib leaves hiberfil.sys out.
  const auto nothing_excluded = write("wimlib.ini", "[ExclusionList]\n");
  run_here({"wimlib-imagex", "capture", tree, wim, "tree", "--compress=none", "--config=" + nothing_excluded});
  run_here({"wimlib-imagex", "apply", wim, "1", volume});
  if (!content.wof_compressed.empty()) make_links_wof(volume);
  if (content.volume_is_dirty) mark_dirty(volume);
  return volume;
}

std::string PreparedWindows::disk_of(const WindowsContent& content) const {
  const auto volume = volume_of(content);
  const auto disk = path("disk.raw");
  std::ofstream(disk, std::ios::binary).close();
  fs::resize_file(disk, 0);
  fs::resize_file(disk, disk_size);
  if (content.mbr) {
    write_mbr(disk, content.recovery_partition);
  } else {
    const auto sector = [](std::uint64_t bytes) { return std::to_string(bytes / 512); };
    std::vector<std::string> argv{"sgdisk", "--new=1:" + sector(first_start) + ":+4M", "--typecode=1:ef00",
                                  "--new=2:" + sector(windows_start) + ":+32M", "--typecode=2:0700"};
    if (content.recovery_partition) {
      argv.insert(argv.end(), {"--new=3:" + sector(recovery_start) + ":+4M", "--typecode=3:2700"});
    }
    argv.push_back(disk);
    run_here(argv);
    run_here({"mformat", "-i", disk + "@@1M", "-T", "8192", "-h", "16", "-s", "32", "::"});
  }
  copy_into(volume, disk, windows_start);
  return disk;
}

std::string PreparedWindows::make(const WindowsContent& content, const std::string& format,
                                  const std::string& extension) {
  const auto image = path("windows-" + std::to_string(++made_) + "." + extension);
  std::vector<std::string> argv{"qemu-img", "convert", "-f", "raw", "-O", format};
  if (extension == "fixed.vhd") argv.insert(argv.end(), {"-o", "subformat=fixed"});
  argv.insert(argv.end(), {disk_of(content), image});
  run_here(argv);
  return image;
}

}  // namespace rescue::tests
