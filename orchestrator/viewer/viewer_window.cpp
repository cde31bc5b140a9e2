// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/viewer/viewer_window.hpp"

#include <fmt/format.h>
#include <gdk/gdkkeysyms.h>

#include <cstdio>
#include <iterator>
#include <utility>

namespace rescue::viewer {
namespace {

constexpr int first_width = 820;
constexpr int first_height = 680;
constexpr int space = 12;
constexpr int field_characters = 28;

ViewerWindow* self(gpointer data) { return static_cast<ViewerWindow*>(data); }

const char* style = R"(
.problem { color: #b00020; font-weight: bold; }
.status { padding: 4px 10px; }
entry.wrong { border-color: #b00020; box-shadow: inset 0 0 0 1px #b00020; }
)";

void load_style() {
  auto* const provider = gtk_css_provider_new();
  gtk_css_provider_load_from_data(provider, style, -1, nullptr);
  gtk_style_context_add_provider_for_screen(gdk_screen_get_default(), GTK_STYLE_PROVIDER(provider),
                                            GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  g_object_unref(provider);
}

void set_wrong(GtkWidget* entry, bool wrong) {
  auto* const context = gtk_widget_get_style_context(entry);
  if (wrong) {
    gtk_style_context_add_class(context, "wrong");
  } else {
    gtk_style_context_remove_class(context, "wrong");
  }
}

GtkWidget* text_label(const char* text, const char* css_class = nullptr) {
  auto* const label = gtk_label_new(text);
  gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
  gtk_label_set_xalign(GTK_LABEL(label), 0);
  if (css_class != nullptr) gtk_style_context_add_class(gtk_widget_get_style_context(label), css_class);
  return label;
}

GtkWidget* centred_box() {
  auto* const box = gtk_box_new(GTK_ORIENTATION_VERTICAL, space);
  gtk_widget_set_halign(box, GTK_ALIGN_CENTER);
  gtk_widget_set_valign(box, GTK_ALIGN_CENTER);
  return box;
}

}  // namespace

ViewerWindow::ViewerWindow(std::string name) : name_(std::move(name)) {
  load_style();
  window_ = gtk_window_new(GTK_WINDOW_TOPLEVEL);
  gtk_window_set_default_size(GTK_WINDOW(window_), first_width, first_height);
  g_signal_connect(window_, "destroy", G_CALLBACK(gtk_main_quit), nullptr);
  pages_ = gtk_stack_new();
  gtk_container_add(GTK_CONTAINER(window_), pages_);
  build_form();
  build_waiting();
  build_console();
  set_title("");
  gtk_widget_show_all(window_);
}

ViewerWindow::~ViewerWindow() = default;

void ViewerWindow::set_title(const std::string& text) {
  gtk_window_set_title(GTK_WINDOW(window_), text.empty() ? "Rescue viewer" : (text + " - Rescue viewer").c_str());
}

GtkWidget* ViewerWindow::add_field(GtkWidget* grid, int row, const char* label, const char* hint) {
  auto* const entry = gtk_entry_new();
  gtk_entry_set_width_chars(GTK_ENTRY(entry), field_characters);
  gtk_entry_set_placeholder_text(GTK_ENTRY(entry), hint);
  auto* const name = gtk_label_new_with_mnemonic(label);
  gtk_label_set_xalign(GTK_LABEL(name), 1);
  gtk_label_set_mnemonic_widget(GTK_LABEL(name), entry);
  gtk_grid_attach(GTK_GRID(grid), name, 0, row, 1, 1);
  gtk_grid_attach(GTK_GRID(grid), entry, 1, row, 1, 1);
  return entry;
}

void ViewerWindow::build_form() {
  auto* const box = centred_box();
  gtk_box_pack_start(GTK_BOX(box), text_label("Enter what the customer sees on the server's screen or page."), FALSE,
                     FALSE, 0);
  auto* const grid = gtk_grid_new();
  gtk_grid_set_row_spacing(GTK_GRID(grid), space);
  gtk_grid_set_column_spacing(GTK_GRID(grid), space);
  ticket_ = add_field(grid, 0, "_Ticket", "0000-0000-0000-0000");
  address_ = add_field(grid, 1, "_IP address", "203.0.113.7");
  port_ = add_field(grid, 2, "_Port", "21300");
  gtk_box_pack_start(GTK_BOX(box), grid, FALSE, FALSE, 0);
  message_ = text_label("", "problem");
  hint_ = text_label("");
  gtk_label_set_max_width_chars(GTK_LABEL(message_), 2 * field_characters);
  gtk_label_set_max_width_chars(GTK_LABEL(hint_), 2 * field_characters);
  gtk_box_pack_start(GTK_BOX(box), message_, FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(box), hint_, FALSE, FALSE, 0);
  auto* const button = gtk_button_new_with_mnemonic("_Connect");
  gtk_widget_set_halign(button, GTK_ALIGN_END);
  g_signal_connect(button, "clicked", G_CALLBACK(+[](GtkWidget*, gpointer data) { self(data)->connect_from_form(); }),
                   this);
  gtk_box_pack_start(GTK_BOX(box), button, FALSE, FALSE, 0);
  // The default button of a window is lost when its page of the stack is hidden.
  for (auto* const entry : {ticket_, address_, port_}) {
    g_signal_connect(entry, "activate", G_CALLBACK(+[](GtkWidget*, gpointer data) { self(data)->connect_from_form(); }),
                     this);
  }
  gtk_stack_add_named(GTK_STACK(pages_), box, "form");
}

void ViewerWindow::build_waiting() {
  auto* const box = centred_box();
  spinner_ = gtk_spinner_new();
  waiting_text_ = text_label("");
  auto* const button = gtk_button_new_with_mnemonic("C_ancel");
  g_signal_connect(button, "clicked", G_CALLBACK(+[](GtkWidget*, gpointer data) { self(data)->back_to_form(); }), this);
  gtk_box_pack_start(GTK_BOX(box), spinner_, FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(box), waiting_text_, FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(box), button, FALSE, FALSE, 0);
  gtk_stack_add_named(GTK_STACK(pages_), box, "waiting");
}

GtkWidget* ViewerWindow::add_item(GtkWidget* menu, const char* label, GCallback action) {
  auto* const item = gtk_menu_item_new_with_mnemonic(label);
  g_signal_connect(item, "activate", action, this);
  gtk_menu_shell_append(GTK_MENU_SHELL(menu), item);
  return item;
}

void ViewerWindow::build_menu(GtkWidget* box) {
  menu_ = gtk_menu_bar_new();
  const auto add_menu = [&](const char* label) {
    auto* const menu = gtk_menu_new();
    auto* const item = gtk_menu_item_new_with_mnemonic(label);
    gtk_menu_item_set_submenu(GTK_MENU_ITEM(item), menu);
    gtk_menu_shell_append(GTK_MENU_SHELL(menu_), item);
    return std::pair(menu, item);
  };
  const auto [connection, connection_item] = add_menu("_Connection");
  add_item(connection, "_Disconnect", G_CALLBACK(+[](GtkWidget*, gpointer data) { self(data)->back_to_form(); }));
  const auto [keys, keys_item] = add_menu("_Send keys");
  keys_menu_ = keys_item;
  add_item(keys, "Ctrl+Alt+_Del", G_CALLBACK(+[](GtkWidget*, gpointer data) {
             self(data)->send_keys({GDK_KEY_Control_L, GDK_KEY_Alt_L, GDK_KEY_Delete});
           }));
  add_item(keys, "Ctrl+_Esc", G_CALLBACK(+[](GtkWidget*, gpointer data) {
             self(data)->send_keys({GDK_KEY_Control_L, GDK_KEY_Escape});
           }));
  add_item(keys, "Alt+_Tab", G_CALLBACK(+[](GtkWidget*, gpointer data) {
             self(data)->send_keys({GDK_KEY_Alt_L, GDK_KEY_Tab});
           }));
  const auto [view, view_item] = add_menu("_View");
  add_item(view, "_Full screen (F11)",
           G_CALLBACK(+[](GtkWidget*, gpointer data) { self(data)->set_full_screen(!self(data)->full_screen_); }));
  gtk_box_pack_start(GTK_BOX(box), menu_, FALSE, FALSE, 0);
}

void ViewerWindow::build_console() {
  console_box_ = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
  build_menu(console_box_);
  status_ = text_label("", "status");
  gtk_box_pack_end(GTK_BOX(console_box_), status_, FALSE, FALSE, 0);
  gtk_stack_add_named(GTK_STACK(pages_), console_box_, "console");
  // Before the console gets the key.
  g_signal_connect(window_, "key-press-event",
                   G_CALLBACK(+[](GtkWidget*, GdkEventKey* event, gpointer data) -> gboolean {
                     auto& window = *self(data);
                     if (event->keyval != GDK_KEY_F11 || window.display_ == nullptr) return FALSE;
                     window.set_full_screen(!window.full_screen_);
                     return TRUE;
                   }),
                   this);
}

void ViewerWindow::set_full_screen(bool on) {
  full_screen_ = on;
  gtk_widget_set_visible(menu_, on ? FALSE : TRUE);
  gtk_widget_set_visible(status_, on ? FALSE : TRUE);
  if (on) {
    gtk_window_fullscreen(GTK_WINDOW(window_));
  } else {
    gtk_window_unfullscreen(GTK_WINDOW(window_));
  }
}

void ViewerWindow::send_keys(std::initializer_list<guint> keys) {
  if (display_ != nullptr) vnc_display_send_keys(display_, std::data(keys), static_cast<int>(keys.size()));
}

void ViewerWindow::show_form(const Entered& entered, const Problem* problem) {
  gtk_entry_set_text(GTK_ENTRY(ticket_), std::string(entered.ticket.reveal()).c_str());
  gtk_entry_set_text(GTK_ENTRY(address_), entered.address.c_str());
  gtk_entry_set_text(GTK_ENTRY(port_), entered.port.c_str());
  back_to_form();
  if (problem != nullptr) show_problem(*problem);
}

void ViewerWindow::connect_from_form() {
  const Entered entered{Secret(std::string_view(gtk_entry_get_text(GTK_ENTRY(ticket_)))),
                        gtk_entry_get_text(GTK_ENTRY(address_)), gtk_entry_get_text(GTK_ENTRY(port_))};
  try {
    connect_to(target_of(entered));
  } catch (const Problem& problem) {
    show_problem(problem);
  }
}

void ViewerWindow::connect_to(Target target) {
  const auto& first = target.endpoints.front();
  gtk_entry_set_text(GTK_ENTRY(ticket_), std::string(target.ticket.reveal()).c_str());
  gtk_entry_set_text(GTK_ENTRY(address_), first.address.text().c_str());
  gtk_entry_set_text(GTK_ENTRY(port_), std::to_string(first.port).c_str());
  target.name = name_;
  show_progress("Connecting...");
  connection_ = std::make_unique<Connection>(
      std::move(target), ConnectionEvents{[this](const std::string& text) { show_progress(text); },
                                          [this](Console console) { show_console(std::move(console)); },
                                          [this](const Problem& problem) { show_problem(problem); }});
}

void ViewerWindow::show_progress(const std::string& text) {
  gtk_label_set_text(GTK_LABEL(waiting_text_), text.c_str());
  gtk_spinner_start(GTK_SPINNER(spinner_));
  gtk_stack_set_visible_child_name(GTK_STACK(pages_), "waiting");
}

void ViewerWindow::show_problem(const Problem& problem) {
  back_to_form();
  gtk_label_set_text(GTK_LABEL(message_), problem.what());
  gtk_label_set_text(GTK_LABEL(hint_), problem.hint().c_str());
  for (const auto& [field, entry] : {std::pair(FormField::ticket, ticket_), std::pair(FormField::address, address_),
                                     std::pair(FormField::port, port_)}) {
    set_wrong(entry, field == problem.field());
    if (field == problem.field()) gtk_widget_grab_focus(entry);
  }
  fmt::print(stderr, "{}: {} {}\n", name_of(problem.reason()), problem.what(), problem.hint());
  std::fflush(stderr);
}

void ViewerWindow::back_to_form() {
  connection_.reset();
  if (full_screen_) set_full_screen(false);
  if (display_ != nullptr) gtk_widget_destroy(GTK_WIDGET(std::exchange(display_, nullptr)));
  gtk_label_set_text(GTK_LABEL(message_), "");
  gtk_label_set_text(GTK_LABEL(hint_), "");
  for (auto* const entry : {ticket_, address_, port_}) set_wrong(entry, false);
  gtk_spinner_stop(GTK_SPINNER(spinner_));
  set_title("");
  gtk_stack_set_visible_child_name(GTK_STACK(pages_), "form");
  gtk_widget_grab_focus(ticket_);
}

void ViewerWindow::show_console(Console console) {
  const bool only_view = console.role == credentials::TicketRole::view;
  auto* const widget = vnc_display_new();
  display_ = VNC_DISPLAY(widget);
  vnc_display_set_read_only(display_, only_view ? TRUE : FALSE);
  vnc_display_set_shared_flag(display_, TRUE);
  vnc_display_set_scaling(display_, TRUE);
  vnc_display_set_keep_aspect_ratio(display_, TRUE);
  vnc_display_set_keyboard_grab(display_, FALSE);
  vnc_display_set_pointer_grab(display_, FALSE);
  gtk_widget_set_sensitive(keys_menu_, only_view ? FALSE : TRUE);
  g_signal_connect(widget, "vnc-initialized", G_CALLBACK(+[](GtkWidget* shown, gpointer) {
                     gtk_widget_grab_focus(shown);
                     fmt::print(stderr, "connected\n");
                     std::fflush(stderr);
                   }),
                   nullptr);
  gtk_box_pack_start(GTK_BOX(console_box_), widget, TRUE, TRUE, 0);
  gtk_widget_show(widget);
  gtk_widget_realize(widget);
  const auto text = fmt::format("{} at {}, port {}", console.server, console.endpoint.address, console.endpoint.port);
  gtk_label_set_text(GTK_LABEL(status_), fmt::format("Connected to {}. {} Encrypted; the server has proven the ticket.",
                                                     text, only_view ? "You can only watch." : "You have control.")
                                             .c_str());
  set_title(text);
  gtk_spinner_stop(GTK_SPINNER(spinner_));
  gtk_stack_set_visible_child_name(GTK_STACK(pages_), "console");
  vnc_display_open_fd(display_, console.socket.release());
}

}  // namespace rescue::viewer
