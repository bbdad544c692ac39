/** Where the device is. */
import type { Position } from "./types";

export function locate(): Promise<Position> {
  return new Promise((resolve, reject) => {
    if (!("geolocation" in navigator)) {
      reject(new Error("geolocation"));
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) =>
        resolve({
          lon: Number(coords.longitude.toFixed(7)),
          lat: Number(coords.latitude.toFixed(7)),
          accuracyM: Math.round(coords.accuracy * 10) / 10,
        }),
      (error) => reject(new Error(error.message)),
      { enableHighAccuracy: true, timeout: 20_000, maximumAge: 15_000 },
    );
  });
}
