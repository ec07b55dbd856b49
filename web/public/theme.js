// Runs before the first paint, so that a dark-room visitor never sees a flash of paper.
(function () {
  var choice = "system";
  try {
    choice = localStorage.getItem("guildhall.theme") || "system";
  } catch (_) {
    // Storage may be blocked; the system's preference is used then.
  }
  var dark = choice === "dark" || (choice === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
