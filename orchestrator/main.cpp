// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// rescued: the composition root. The only file that names adapters.

#include "core/file.hpp"
#include "core/http/server.hpp"
#include "core/peer_json.hpp"
#include "core/program.hpp"
#include "orchestrator/access/customer_access_probe.hpp"
#include "orchestrator/boot/efi_boot.hpp"
#include "orchestrator/boot/efi_recorder.hpp"
#include "orchestrator/boot/ipmi_boot.hpp"
#include "orchestrator/boot/netboot.hpp"
#include "orchestrator/boot/netboot_agent.hpp"
#include "orchestrator/boot/netboot_consoles.hpp"
#include "orchestrator/configuration.hpp"
#include "orchestrator/control/api.hpp"
#include "orchestrator/control/console_agent.hpp"
#include "orchestrator/control/host_agent.hpp"
#include "orchestrator/domain/listener_ports.hpp"
#include "orchestrator/identity/program_disk_identities.hpp"
#include "orchestrator/image/streamed_images.hpp"
#include "orchestrator/libvirt/libvirt_guest_agent.hpp"
#include "orchestrator/libvirt/libvirt_hypervisor.hpp"
#include "orchestrator/linux/disks/linux_disk_claims.hpp"
#include "orchestrator/linux/disks/linux_disk_inventory.hpp"
#include "orchestrator/linux/disks/linux_disk_overlays.hpp"
#include "orchestrator/linux/disks/smart_health.hpp"
#include "orchestrator/linux/host/file_journal.hpp"
#include "orchestrator/linux/host/file_snapshots.hpp"
#include "orchestrator/linux/host/linux_host.hpp"
#include "orchestrator/linux/host/memory_folder.hpp"
#include "orchestrator/linux/host/process.hpp"
#include "orchestrator/linux/network/linux_host_network.hpp"
#include "orchestrator/linux/network/resolve.hpp"
#include "orchestrator/linux/network/takeover_names.hpp"
#include "orchestrator/service_manager.hpp"
#include "orchestrator/ticket/tls_ticket_desk.hpp"
#include "orchestrator/windows/program_disk_inspector.hpp"
#include "orchestrator/windows/program_disk_recorder.hpp"
#ifdef RESCUE_KILL_POINTS
#include "tests/crash/killing_journal.hpp"
#endif

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

namespace rescue {
namespace {

http::ClientOptions control_plane_client(const Configuration& configuration) {
  http::ClientOptions options;
  options.base_url = configuration.control_plane_url;
  options.ca_file = configuration.control_plane_ca_file;
  options.largest_answer = largest_peer_json;
  return options;
}

/// Limits a heartbeat to 5 s: it ends before the next but one is due.
http::ClientOptions agent_client(const Configuration& configuration) {
  auto options = control_plane_client(configuration);
  constexpr Milliseconds limit{5'000};
  options.connect_limit = limit;
  options.time_limit = limit;
  return options;
}

/// The boot hand-over overrides the configuration. One that can't be parsed is the provider's fault: rescued runs
/// without it.
std::optional<boot::HandOver> hand_over(Configuration& configuration) {
  try {
    auto found = boot::HandOver::find({configuration.boot_folder, configuration.session.runtime_directory});
    if (!found) return found;
    configuration.control_plane_url = found->url();
    if (!found->boot_url().empty()) configuration.control_plane_boot_url = found->boot_url();
    configuration.session.server_name = found->server();
    for (const auto& url : found->relay_urls()) {
      configuration.session.control_plane_hosts.push_back(linux::host_of_url(url));
    }
    if (!found->ca_file().empty()) configuration.control_plane_ca_file = found->ca_file();
    log::info("this boot was handed over by {}, for {}", found->url(), found->server());
    return found;
  } catch (const Error& error) {
    log::error("the boot hand-over can't be used: {} ({})", report_of(error).one_line(), error.hint());
    return std::nullopt;
  }
}

/// Path of a program that is installed beside rescued.
std::string beside_rescued(const std::string& name) {
  return (std::filesystem::path(linux::own_executable()).parent_path() / name).string();
}

Configuration complete(Configuration configuration) {
  auto& session = configuration.session;
  if (session.server_name.empty()) session.server_name = linux::host_name();
  session.ending = configuration.ending;
  for (const auto& url : {configuration.control_plane_url, configuration.control_plane_boot_url}) {
    if (!url.empty()) session.control_plane_hosts.push_back(linux::host_of_url(url));
  }
  if (configuration.rescue_hold.empty()) configuration.rescue_hold = beside_rescued("rescue-hold");
  return configuration;
}

access::CustomerAccessProbe make_probe() {
  return access::CustomerAccessProbe({beside_rescued("rescue-access-probe"),
                                      beside_rescued("rescue-rdp-login"),
                                      {"nsenter", std::string("--net=") + linux::probe_namespace}});
}

/// Budget of a streamed image's cache.
std::uint64_t cache_bytes(const Configuration& configuration, const ports::HostFacts& host) {
  constexpr unsigned share = 8;
  if (configuration.image_cache_mib > 0) return std::uint64_t{configuration.image_cache_mib} << 20U;
  return configuration.image_cache_folder.empty() ? std::uint64_t{host.memory_mib / share} << 20U : 0;
}

image::StreamOptions stream_options(const Configuration& configuration, const ports::HostFacts& host) {
  constexpr std::uint64_t bytes_per_mbit = 125'000;
  image::StreamOptions options;
  options.mirrors = configuration.image_mirrors;
  options.cache_folder = configuration.image_cache_folder;
  if (options.cache_folder.empty()) options.cache_folder = configuration.session.runtime_directory + "/image/cache";
  options.cache_bytes = cache_bytes(configuration, host);
  options.bytes_per_second = configuration.image_bandwidth_mbit * bytes_per_mbit;
  options.ca_file = configuration.image_ca_file;
  options.provide_memory = linux::provide_memory_folder;
  options.remove_memory = linux::remove_memory_folder;
  return options;
}

/// `group`: of QEMU, which reads a streamed image.
std::unique_ptr<ports::ImageSource> make_images(const Configuration& configuration, const ports::HostFacts& host,
                                                std::function<std::string()> group, Clock& clock) {
  const auto cache = configuration.session.runtime_directory + "/verified-images.json";
  images::AcceptanceRules rules;
  rules.name = configuration.image_name;
  rules.channel = configuration.image_channel;
  rules.least_counter = configuration.image_least_counter;
  rules.counters = configuration.state_directory + "/image-counters.json";
  if (configuration.image_url.empty()) {
    return std::make_unique<image::LocalImages>(
        images::StoreSettings{configuration.image_manifest, configuration.image_public_key, cache, std::move(rules)},
        linux::memory_of_files_mib);
  }
  http::ClientOptions options;
  options.ca_file = configuration.image_ca_file;
  const image::DownloadSettings settings{configuration.image_url, configuration.image_folder,
                                         configuration.image_public_key, configuration.session.deadlines.image_fetch,
                                         std::move(rules)};
  if (configuration.image_transfer == ImageTransfer::download) {
    return std::make_unique<image::WebImages>(settings, cache, std::move(options), clock, linux::memory_of_files_mib);
  }
  return std::make_unique<image::StreamedImages>(
      settings, cache, options, stream_options(configuration, host),
      image::ExportOptions{beside_rescued("rescue-export"), configuration.session.runtime_directory + "/image",
                           std::move(group)},
      clock, linux::memory_of_files_mib);
}

http::ServerOptions control_socket(const Configuration& configuration) {
  http::ServerOptions options;
  options.unix_path = configuration.control_socket;
  options.unix_group = configuration.control_group;
  options.inherited_fd = service_manager::inherited_socket();
  options.pool_threads = 8;  // each watcher holds a thread
  return options;
}

ticket::TicketRules ticket_rules(const Configuration& configuration) {
  ticket::TicketRules rules;
  rules.answer_limit = configuration.ticket.answer_limit;
  return rules;
}

/// The objects of a session, wired together.
class Rescued {
public:
  Rescued(Configuration configuration, std::optional<boot::HandOver> hand_over)
      : configuration_(std::move(configuration)),
        connection_(std::make_shared<libvirt::Connection>(configuration_.libvirt_uri)), hypervisor_(connection_),
        agent_(connection_), claims_(configuration_.rescue_hold, runtime("hold/hold.sock")),
        network_(configuration_.session.runtime_directory), probe_(make_probe()),
        host_(configuration_.reboot_command, configuration_.poweroff_command),
        images_(make_images(
            configuration_, host_.facts(), [this] { return hypervisor_.qemu_group(); }, clock_)),
        control_plane_(configuration_.control_plane_url, control_plane_client(configuration_)),
        journal_(configuration_.state_directory + "/session.json", configuration_.session.changes_folder) {
    if (configuration_.efi_layer && boot::EfiBootControl::available()) efi_.emplace();
    if (configuration_.ipmi_layer && boot::IpmiBootControl::available()) ipmi_.emplace();
    if (configuration_.control_plane_url.empty()) return;
    netboot_.emplace(configuration_.session.server_name, control_plane_client(configuration_),
                     hand_over ? hand_over->agent_token().clone()
                               : read_secret_file(configuration_.control_plane_token_file),
                     hand_over ? boot::NetbootBootControl::Ends::own_lease : boot::NetbootBootControl::Ends::any_lease);
    if (hand_over) {
      consoles_.emplace(configuration_.control_plane_url, configuration_.control_plane_ca_file,
                        hand_over->agent_token().clone());
    }
    if (hand_over) channel_.emplace(*std::move(hand_over), agent_client(configuration_));
  }

  void run() {
    auto ports = this->ports();
    control::SessionService service(ports, configuration_.session);
    control::TicketService tickets(service, ticket_desk_, configuration_.ticket,
                                   domain::listeners_of(configuration_.session.control_ports));
    hypervisor_.subscribe([&service](const domain::GuestEvent& event) { service.guest_event(event); });
    http::Server server(control_socket(configuration_),
                        control::make_router({service, mailbox_, ports, configuration_.session, tickets, health_}));
    std::optional<control::HostAgent> agent;
    std::optional<control::ConsoleAgent> console_agent;
    if (channel_) {
      agent.emplace(*channel_, service, tickets, outbox_, clock_,
                    control::HostAgentSettings{.redemption = configuration_.session.deadlines.redemption});
      reporting_host_.report_to(*agent);
      control::ConsoleAgentSettings settings;
      settings.addresses_of_url = [](const std::string& url) {
        return linux::addresses_of_host(linux::host_of_url(url));
      };
      console_agent.emplace(*consoles_, service, std::move(settings));
    }
    service.run();
    tickets.run();
    if (agent) agent->run();
    if (console_agent) console_agent->run();
    server.start();
    service_manager::ready();
    log::info("rescued {} for {}, control socket {}", RESCUE_VERSION, configuration_.session.server_name,
              configuration_.control_socket);
    linux::wait_for_end(service_manager::watchdog_interval(), service_manager::alive);
    service_manager::stopping();
    service.release_watchers();
    tickets.stop();
    if (console_agent) console_agent->stop();
    if (agent) agent->stop();
    server.stop();
    // Does not wait for a step to end: the journal lets the next rescued resume the session.
    if (!service.stop_if_idle()) linux::exit_at_once();
  }

private:
  [[nodiscard]] std::string runtime(const char* name) const {
    return configuration_.session.runtime_directory + "/" + name;
  }

  session::Ports ports() {
    std::vector<ports::BootControl*> layers;
    if (netboot_) layers.push_back(&*netboot_);
    if (efi_) layers.push_back(&*efi_);
    if (ipmi_) layers.push_back(&*ipmi_);
    return {hypervisor_, agent_,         inventory_, claims_,         inspector_, network_, probe_,
            *images_,    control_plane_, layers,     reporting_host_, journal_,   outbox_,  clock_,
            overlays_,   identities_,    recorder_,  firmware_,       snapshots_};
  }

  Configuration configuration_;
  SystemClock clock_;
  std::shared_ptr<libvirt::Connection> connection_;
  libvirt::LibvirtHypervisor hypervisor_;
  libvirt::LibvirtGuestAgent agent_;
  linux::LinuxDiskInventory inventory_;
  linux::LinuxDiskClaims claims_;
  linux::LinuxDiskOverlays overlays_;
  linux::SmartHealth health_;
  windows_disk::ProgramDiskInspector inspector_{beside_rescued("rescue-inspect")};
  identity::ProgramDiskIdentities identities_{beside_rescued("rescue-identity")};
  windows_disk::ProgramDiskRecorder recorder_{beside_rescued("rescue-inspect")};
  boot::EfiRecorder firmware_{configuration_.efi_layer};
  linux::FileSnapshots snapshots_{configuration_.state_directory + "/disks-before.json"};
  linux::LinuxHostNetwork network_;
  access::CustomerAccessProbe probe_;
  linux::LinuxHost host_;
  std::unique_ptr<ports::ImageSource> images_;
  boot::NetbootControlPlane control_plane_;
  std::optional<boot::NetbootBootControl> netboot_;
  std::optional<boot::EfiBootControl> efi_;
  std::optional<boot::IpmiBootControl> ipmi_;
  std::optional<boot::NetbootAgent> channel_;
  std::optional<boot::NetbootConsoles> consoles_;
  control::ReportingHost reporting_host_{host_};
#ifdef RESCUE_KILL_POINTS
  tests::KillingJournal<linux::FileJournal> journal_;
#else
  linux::FileJournal journal_;
#endif
  ticket::TlsTicketDesk ticket_desk_{clock_, ticket_rules(configuration_)};
  control::Mailbox mailbox_;
  control::Outbox outbox_{mailbox_, clock_};
};

int run(int argc, char** argv) {
  CLI::App app("The orchestrator of a rescue: boots the rescue VM with this server's disks, IP and MAC.", "rescued");
  app.set_version_flag("--version", std::string("rescued ") + RESCUE_VERSION);
  app.footer("Runs in the foreground; rescuectl talks to it.\nExample:\n  rescued --config /etc/rescue/rescued.yaml");
  std::string path = "/etc/rescue/rescued.yaml";
  std::string overlay_folder;
  bool only_check = false;
  app.add_option("--config", path, "The configuration file")->capture_default_str();
  app.add_option("--overlay-folder", overlay_folder,
                 "Folder on a disk for what guests write in disk mode overlay, in place of disks.overlay_folder")
      ->check([](const std::string& given) { return given.starts_with('/') ? "" : "must be an absolute path"; });
  app.add_flag("--check", only_check, "Check the configuration, print its first fault and exit");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : exit_code_of(ErrorCode::usage);
  }

  auto configuration = Configuration::parse(Document::from_file(path));
  if (!overlay_folder.empty()) configuration.session.changes_folder = overlay_folder;
  if (only_check) return 0;
  linux::harden_process();  // before the first thread: its signal mask is inherited
  log::set_up("rescued", configuration.log_level);
  // Mode 0711: QEMU, which is not root, opens the downloaded image below it.
  make_folder(configuration.state_directory, 0711);
  make_folder(configuration.session.runtime_directory, 0755);
  auto handed_over = hand_over(configuration);
  Rescued(complete(std::move(configuration)), std::move(handed_over)).run();
  return 0;
}

}  // namespace
}  // namespace rescue

int main(int argc, char** argv) { return rescue::run_program(argc, argv, &rescue::run); }
