// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Tasks, and what begins together with them or not at all: a rescue and its lease.

#include "netboot/domain/agent_session.hpp"
#include "netboot/domain/lease_request.hpp"
#include "netboot/domain/task.hpp"
#include "netboot/store/store.hpp"
#include "netboot/store/task_rows.hpp"

#include <optional>
#include <stdexcept>
#include <vector>

namespace rescue::netboot {

struct FinishOrder {
  std::string then;  ///< empty: as the request of the rescue said
  bool force = false;
  std::string requested_by;
  std::string changes{};  ///< of the guest on the server's disks: "keep", "discard"; empty: nobody said it
};

struct ClaimedTask {
  Task task;
  bool taken_over = false;  ///< whoever worked on it before did not say where he stopped
  unsigned taken_up = 0;    ///< so often it was taken over since something of it was saved or it was given back
};

/// The claim has run out, and another netbootd has taken the task up: nothing more is to be done with it here.
struct ClaimLost : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Thread-safe; every call blocks for the database and throws `unavailable` when that fails.
class Tasks {
public:
  /// `store` outlives this.
  Tasks(Store& store, AgentRules rules) : store_(store), rules_(rules) {}

  /// Grants the lease and begins the task. Throws `not_found`, `conflict` while another rescue or its end is at work,
  /// or a session has not ended.
  [[nodiscard]] Task begin_rescue(const ServerName& name, const LeaseRequest& request, bool power,
                                  Milliseconds time_limit);
  /// Cancels the rescue task that is at work. Throws `conflict` when there is nothing to finish, that is being done, or
  /// changes are to be discarded that are on the server's disks already.
  [[nodiscard]] Task begin_finish(const ServerName& name, const FinishOrder& order, Milliseconds time_limit);
  /// Has the host agent set, prove and deliver new credentials, and revokes the one-time links of the old ones at once.
  /// Throws `conflict` while another reissue or the end of the rescue is at work, or no session serves and is alive.
  [[nodiscard]] Task begin_reissue(const ServerName& name, const std::string& requested_by, Milliseconds time_limit);
  /// Has the host agent open a helpdesk's ticket, with its number sealed to the requester's key. Throws `conflict` as
  /// `begin_reissue` does, without such a key, and while a ticket is open.
  [[nodiscard]] Task begin_ticket(const ServerName& name, const TicketOrder& order, const std::string& requested_by,
                                  Milliseconds time_limit);
  /// Has the host agent end the ticket and every connection of it. Throws `conflict` as `begin_reissue` does, and if no
  /// ticket is open.
  [[nodiscard]] Task begin_ticket_end(const ServerName& name, const std::string& requested_by, Milliseconds time_limit);
  /// Throws `conflict` while another power action is at work, and, but for `on` and with `force`, while the host agent
  /// of a session is alive; `precondition` when the server has no BMC.
  [[nodiscard]] Task begin_power(const ServerName& name, PowerAction action, BootDevice device,
                                 const std::string& requested_by, Milliseconds time_limit, bool force = false);

  /// Throws `not_found`.
  [[nodiscard]] Task find(long long id);
  /// Those that match, the latest first.
  [[nodiscard]] std::vector<Task> find(const TaskQuery& query);
  /// Takes back what has not begun to work outside: a rescue with its lease, before a session, a power action before
  /// the BMC is asked, an end before the host is told. Throws `not_found`, and `conflict` when it is too late, which
  /// says what to do instead.
  [[nodiscard]] Task cancel(long long id, const std::string& by);
  /// In the order in which they came.
  [[nodiscard]] std::vector<Task> unfinished();
  /// Writes what has changed; a task that is over in the database stays as it is, and false comes back. Throws
  /// `ClaimLost` when it is not, and not the caller's any more.
  bool save(const Task& task);

  /// The first task of these that nobody works on, and of whose server no other is worked on: from now on it is this
  /// netbootd's, for `lasts`. With several netbootds on one database one of them gets it. A claim of this netbootd that
  /// has run out is for others only: here the task is in hand until it is given back. Tasks that are over come, too,
  /// while something of them is to be taken back.
  [[nodiscard]] std::optional<ClaimedTask> claim(const TaskChoice& choice, Milliseconds lasts);
  /// This netbootd's claims on these tasks last from now on.
  void renew_claims(const std::vector<long long>& ids, Milliseconds lasts);
  /// Marks that nothing of a finished task is left to undo.
  void took_back(const Task& task);
  /// Anybody may look at it again, once `after` has passed or something has happened.
  void release(const Task& task, Milliseconds after);
  /// It was left in the middle: whoever is next takes it over.
  void abandon(const Task& task);
  /// Releases the claims of an earlier netbootd at once. Only on SQLite, where there is no other.
  void abandon_all();

  /// How a lease ended, by whom; empty while nobody has.
  [[nodiscard]] std::string lease_ended_by(long long lease);

private:
  struct Command;
  /// Begins the task of one command to the host agent, of which there is one at a time.
  [[nodiscard]] Task begin_command(const ServerName& name, const Command& command, const std::string& requested_by,
                                   Milliseconds time_limit);
  void end_claim(const Task& task, const std::string& by, WallTime due);

  Store& store_;
  const AgentRules rules_;
};

}  // namespace rescue::netboot
