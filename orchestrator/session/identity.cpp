// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/session/identity.hpp"

#include "core/log.hpp"

#include <fmt/format.h>

#include <iterator>
#include <optional>

namespace rescue::session {
namespace {

using domain::DiskIdentity;
using domain::IdentifiedDisk;

void warn_of_unreadable(domain::SessionRecord& record, const std::vector<IdentifiedDisk>& disks) {
  for (const auto& disk : disks) {
    if (disk.problem.empty()) continue;
    record.warn(fmt::format("{}: its identity can't be read, so whether another disk has the same is not known: {}",
                            disk.path, disk.problem));
  }
}

/// Each pair once.
void warn_of_copies(domain::SessionRecord& record, const std::vector<IdentifiedDisk>& disks) {
  for (auto one = disks.begin(); one != disks.end(); ++one) {
    for (auto other = std::next(one); other != disks.end(); ++other) {
      const auto shared = shared_ids(one->identity, other->identity);
      if (shared.empty()) continue;
      record.warn(
          fmt::format("{} and {} have one identity ({}): one is a copy of the other. Windows takes the second one "
                      "offline, and gives it another identity when it is set online; a Windows on it may not "
                      "start then. To leave one out: disks.exclude",
                      one->path, other->path, shared));
    }
  }
}

/// A new identity; none if the disk keeps the image's, which is warned of.
std::optional<DiskIdentity> renew(SessionContext& context, const std::vector<IdentifiedDisk>& disks) {
  std::vector<std::string> taken;
  for (const auto& disk : disks) {
    for (auto& number : numbers_of(disk.identity)) taken.push_back(std::move(number));
  }
  const auto& overlay = context.plan().guest.system_disk;
  std::string reason;
  try {
    auto renewed = context.ports.identities.renew(overlay, taken);
    if (renewed.kept_because.empty()) return std::move(renewed.identity);
    reason = renewed.kept_because;
  } catch (const Error& error) {
    reason = report_of(error).one_line();
    context.ports.images.create_overlay(context.plan().image, overlay);  // some of it may have been written
  }
  context.record.warn(fmt::format("the rescue VM's system disk keeps the identity of its image {}: {}",
                                  context.plan().image.name, reason));
  return std::nullopt;
}

/// The identity that every session of the image has.
DiskIdentity require_unshared(SessionContext& context, const std::vector<IdentifiedDisk>& disks) {
  auto identity = context.ports.identities.show(context.plan().guest.system_disk);
  for (const auto& disk : disks) {
    if (const auto shared = shared_ids(identity, disk.identity); !shared.empty()) {
      throw Error(
          ErrorCode::precondition,
          fmt::format("the rescue image {} and {} have one identity ({}): Windows would change that of {}, and "
                      "the server might not start again",
                      context.plan().image.name, disk.path, shared, disk.path),
          fmt::format("Set image.identity: random, use another image, or leave the disk out: disks.exclude: [{}].",
                      disk.path));
    }
    if (const auto shared = shared_serials(identity, disk.identity); !shared.empty()) {
      log::info("the rescue image {} and {} share {}", context.plan().image.name, disk.path, shared);
    }
  }
  return identity;
}

}  // namespace

std::string guard_identity(SessionContext& context) {
  const auto disks = context.ports.identities.identify(hardware_of(context.plan().guest.disks));
  warn_of_unreadable(context.record, disks);
  warn_of_copies(context.record, disks);
  if (context.settings.image_identity == domain::ImageIdentity::random) {
    if (const auto fresh = renew(context, disks)) return fmt::format("system disk {}", fresh->id);
  }
  return fmt::format("system disk {} as in the image", require_unshared(context, disks).id);
}

}  // namespace rescue::session
