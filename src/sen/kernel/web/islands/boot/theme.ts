// Runs before the first paint (a blocking script in the head), so that the chosen theme and density
// never flash. Everything else waits for the modules.
const root = document.documentElement;
root.classList.add("js");

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // storage may be forbidden; the system's choice is then the right one
  }
}

const dark = matchMedia("(prefers-color-scheme: dark)");

function apply(): void {
  const choice = stored("sen-theme");
  const theme = choice === "light" || choice === "dark" ? choice : dark.matches ? "dark" : "light";
  root.dataset["theme"] = theme;
  root.dataset["themeChoice"] = choice ?? "system";
  root.dataset["density"] = stored("sen-density") === "roomy" ? "roomy" : "dense";
  root.dataset["nav"] = stored("sen-nav") === "narrow" ? "narrow" : "wide";
}

dark.addEventListener("change", apply);
addEventListener("sen:appearance", apply);
apply();
