// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/libvirt/private_libvirt.hpp"

#include "core/unix_socket.hpp"
#include "tests/doubles/wait_until.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <vector>

namespace rescue::tests {
namespace {

std::optional<std::string> missing = "the test program did not enter a private host";

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(what + ": " + std::strerror(errno)); }

void mount_tmpfs(const char* folder) {
  std::filesystem::create_directories(folder);
  if (::mount("none", folder, "tmpfs", 0, "mode=0755") < 0) fail(std::string("mount ") + folder);
}

/// libvirt probes QEMU for some seconds when its cache is empty, so the test processes share one.
void mount_cache() {
  std::filesystem::create_directories(RESCUE_TEST_CACHE);
  std::filesystem::create_directories("/var/cache/libvirt");
  if (::mount(RESCUE_TEST_CACHE, "/var/cache/libvirt", nullptr, MS_BIND, nullptr) < 0) fail("mount /var/cache/libvirt");
}

/// Device nodes and links of /dev, without kvm.
void copy_nodes(const std::string& from, const std::string& to) {
  std::filesystem::create_directories(to);
  for (const auto& entry : std::filesystem::directory_iterator(from)) {
    const auto copy = to + "/" + entry.path().filename().string();
    struct stat node {};
    if (entry.path() == "/dev/kvm" || ::lstat(entry.path().c_str(), &node) < 0) continue;
    if (S_ISLNK(node.st_mode)) std::filesystem::copy_symlink(entry.path(), copy);
    if (!S_ISCHR(node.st_mode) && !S_ISBLK(node.st_mode)) continue;
    if (::mknod(copy.c_str(), node.st_mode, node.st_rdev) < 0 || ::chmod(copy.c_str(), node.st_mode & 07777) < 0 ||
        ::chown(copy.c_str(), node.st_uid, node.st_gid) < 0) {
      fail("mknod " + copy);
    }
  }
}

/// Makes a private /dev, for two reasons: libvirt changes the owner of device nodes to QEMU's user; and with a /dev/kvm
/// that only root may open (as in containers), libvirt probes QEMU again in every call, for seconds, since its probe
/// has more rights than its check of the cached answer.
void mount_devices() {
  const std::string devices = "/run/dev";
  mount_tmpfs(devices.c_str());
  copy_nodes("/dev", devices);
  copy_nodes("/dev/net", devices + "/net");
  for (const char* folder : {"/pts", "/shm"}) {
    std::filesystem::create_directories(devices + folder);
    if (::mount(("/dev" + std::string(folder)).c_str(), (devices + folder).c_str(), nullptr, MS_BIND, nullptr) < 0) {
      fail(std::string("mount /dev") + folder);
    }
  }
  // Hidden mounts would confuse libvirt, which moves every mount that is listed below /dev.
  if (::umount2("/dev", MNT_DETACH) < 0) fail("umount /dev");
  if (::mount(devices.c_str(), "/dev", nullptr, MS_MOVE, nullptr) < 0) fail("mount /dev");
}

void furnish() {
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) < 0) fail("private mounts");
  if (::mount("proc", "/proc", "proc", 0, nullptr) < 0) fail("mount /proc");
  for (const char* folder : {"/run", "/var/lib/libvirt", "/var/log/libvirt", "/etc/libvirt/qemu"}) mount_tmpfs(folder);
  mount_cache();
  mount_devices();
  std::filesystem::create_directories(lab_folder());
}

/// The first process of the namespace: reaps orphans, as libvirt expects, and ends with the tests.
int reap_until(pid_t tests) {
  while (true) {
    int status = 0;
    const pid_t ended = ::wait(&status);
    if (ended != tests) continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
}

int first_process(const std::function<int()>& tests) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const pid_t child = ::fork();
  if (child < 0) return 1;
  if (child > 0) return reap_until(child);
  try {
    furnish();
    missing.reset();
  } catch (const std::exception& error) {
    missing = std::string("no private host: ") + error.what();
  }
  return tests();
}

pid_t spawn(const std::vector<const char*>& argv) {
  const pid_t child = ::fork();
  if (child < 0) fail("fork");
  if (child > 0) return child;
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  const int null = ::open("/dev/null", O_RDWR);
  for (const int fd : {0, 1, 2}) ::dup2(null, fd);
  std::vector<char*> arguments;
  arguments.reserve(argv.size() + 1);
  for (const char* argument : argv) arguments.push_back(const_cast<char*>(argument));
  arguments.push_back(nullptr);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

void wait_for_socket(const std::string& path) {
  const auto answers = [&] { return connect_unix(unix_socket(), path) == 0; };
  if (!wait_until(answers)) throw std::runtime_error(path + " does not answer");
}

void end(pid_t& child) {
  if (child <= 0) return;
  ::kill(child, SIGTERM);
  ::waitpid(child, nullptr, 0);
  child = -1;
}

/// Real mode: writes "boot" to port 0x3f8, waits for 18 ticks, jumps to offset 0x40.
constexpr unsigned char boot_code[] = {0xfa, 0x31, 0xc0, 0x8e, 0xd8, 0x8e, 0xd0, 0xbc, 0x00, 0x7c,
                                       0xbe, 0x21, 0x7c, 0xba, 0xf8, 0x03, 0xac, 0x84, 0xc0, 0x74,
                                       0x03, 0xee, 0xeb, 0xf8, 0xfb, 0xb9, 0x12, 0x00, 0xf4, 0xe2,
                                       0xfd, 0xeb, 0x1f, 'b',  'o',  'o',  't',  '\r', '\n', 0x00};

std::vector<unsigned char> code_of(Ending ending) {
  switch (ending) {
  case Ending::power_off:  // PM1a control (0x604 in SeaBIOS' ICH9): sleep type 0, sleep enable
    return {0xba, 0x04, 0x06, 0xb8, 0x00, 0x20, 0xef, 0xf4};
  case Ending::reset:
    return {0xb0, 0xfe, 0xe6, 0x64, 0xf4};
  case Ending::panic:  // pvpanic's port 0x505
    return {0xba, 0x05, 0x05, 0xb0, 0x01, 0xee, 0xf4};
  case Ending::power_button:  // enables the button (0x602), reads its status (0x600) after each interrupt
    return {0xba, 0x02, 0x06, 0xb8, 0x00, 0x01, 0xef, 0xf4, 0xba, 0x00, 0x06, 0xed, 0xf6,
            0xc4, 0x01, 0x74, 0xf6, 0xba, 0x04, 0x06, 0xb8, 0x00, 0x20, 0xef, 0xf4};
  case Ending::halt:
    break;
  }
  return {0xf4, 0xeb, 0xfd};
}

}  // namespace

int in_private_host(const std::function<int()>& tests) {
  if (::unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID) < 0) {
    missing = std::string("no private namespaces (needs root): ") + std::strerror(errno);
    return tests();
  }
  const pid_t first = ::fork();
  if (first < 0) return 1;
  if (first == 0) ::_exit(first_process(tests));
  int status = 0;
  ::waitpid(first, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

const std::optional<std::string>& no_private_host() { return missing; }

PrivateLibvirt::PrivateLibvirt() {
  virtlogd_ = spawn({"/usr/sbin/virtlogd"});
  wait_for_socket("/run/libvirt/virtlogd-sock");
  start_libvirtd();
}

PrivateLibvirt::~PrivateLibvirt() {
  stop_libvirtd();
  end(virtlogd_);
}

void PrivateLibvirt::start_libvirtd() {
  libvirtd_ = spawn({"/usr/sbin/libvirtd"});
  wait_for_socket("/run/libvirt/libvirt-sock");
}

void PrivateLibvirt::stop_libvirtd() { end(libvirtd_); }

std::optional<pid_t> qemu_of(const std::string& guest) {
  std::ifstream in("/run/libvirt/qemu/" + guest + ".pid");
  pid_t pid = 0;
  if (!(in >> pid) || ::kill(pid, 0) < 0) return std::nullopt;
  return pid;
}

std::string lab_folder() { return "/run/rescue-test"; }

std::string make_boot_disk(const std::string& name, Ending ending) {
  std::vector<char> image(1'048'576);
  std::memcpy(image.data(), boot_code, sizeof boot_code);
  const auto code = code_of(ending);
  std::memcpy(image.data() + 0x40, code.data(), code.size());
  image[510] = 0x55;
  image[511] = static_cast<char>(0xaa);
  const auto raw = lab_folder() + "/" + name + ".raw";
  auto path = lab_folder() + "/" + name + ".qcow2";
  std::ofstream(raw, std::ios::binary).write(image.data(), static_cast<std::streamsize>(image.size()));
  const pid_t convert =
      spawn({"/usr/bin/qemu-img", "convert", "-q", "-f", "raw", "-O", "qcow2", raw.c_str(), path.c_str()});
  int status = 0;
  ::waitpid(convert, &status, 0);
  if (status != 0) throw std::runtime_error("qemu-img convert failed");
  return path;
}

domain::GuestSpec tiny_guest(const std::string& name, Ending ending) {
  domain::GuestSpec spec;
  spec.name = name;
  spec.profile.system = domain::GuestSystem::standin;
  spec.profile.firmware = domain::Firmware::bios;
  spec.accelerator = domain::Accelerator::tcg;
  spec.memory_mib = 128;
  spec.system_disk = make_boot_disk(name, ending);
  spec.vnc_socket = lab_folder() + "/" + name + ".vnc/socket";
  spec.serial_log = lab_folder() + "/" + name + ".serial";
  return spec;
}

}  // namespace rescue::tests
