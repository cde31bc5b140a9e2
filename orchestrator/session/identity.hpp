// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Guards the identities of disks: Windows changes that of one of two disks which have the same, and it may be the
// customer's, whose server then no longer starts (0xc000000e).

#include "orchestrator/session/context.hpp"

#include <string>

namespace rescue::session {

/// Gives the guest's new throw-away disk an identity that no disk of the server has, before the guest starts; makes the
/// disk anew if that was interrupted. Warns about disks of the server that have one identity, and about those whose
/// identity can't be read. Returns a line for the journal. Throws `precondition` if the disk has to keep the image's
/// identity and a disk of the server has the same; what `ports::DiskIdentities` throws if it can't be read at all.
std::string guard_identity(SessionContext& context);

}  // namespace rescue::session
