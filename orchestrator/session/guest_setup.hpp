// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Wishes of a request inside the guest: SSH keys, keyboard, texts. The image's profile names how each is done; a wish
// that does not come true is a warning, not an end.

#include "orchestrator/session/context.hpp"

#include <map>
#include <string>

namespace rescue::session {

/// Whether the image has this action.
[[nodiscard]] bool offers(SessionContext& context, contract::GuestAction action);

/// Writes the action's file with `text`, then runs its commands with `values` in place of their placeholders. Returns
/// the problem, printable; empty if all succeeded. Throws `cancelled` only. Precondition: the image offers it.
[[nodiscard]] std::string perform(SessionContext& context, contract::GuestAction action, const std::string& text,
                                  const std::map<std::string, std::string>& values = {});

/// Sets keyboard and texts, as far as the request asks for them and the image offers them.
void set_up_guest(SessionContext& context);

/// Writes the texts of the SSH login and the desktop, again after the end of the lease has moved.
void write_guest_texts(SessionContext& context);

/// Puts the request's SSH keys into the guest and proves them by a login with a key of ours, which is removed again. If
/// the request wants keys only, turns password logins over SSH off after that, and proves that, too.
void put_ssh_keys(SessionContext& context, const Secret& password);

/// Logs in over SSH with a key of ours: writes it beside the request's keys, logs in, and removes it. The result has a
/// problem if one of these failed.
[[nodiscard]] domain::SshResult log_in_by_own_key(SessionContext& context);

/// Writes the request's keys without ours if the journal says that ours may be in the guest, since a process died
/// before it removed it. Else does nothing: keys that the customer has added stay.
void remove_own_key(SessionContext& context);

}  // namespace rescue::session
