/* From what a receiver says to where a GCJ-02 map draws it, as app/geo/datums.py does. Only for opening the map at the
   phone's own position: the way back is the server's, which keeps WGS-84. */
const AXIS = 6378245;
const ECCENTRICITY2 = 0.00669342162296594323;
const RADIAN = Math.PI / 180;

const waves = (along, ...heights) => heights.reduce((sum, [height, part]) => sum + height * Math.sin((along * Math.PI) / part), 0) * 2 / 3;

export function toGcj02([lat, lon]) {
  if (!(lat >= 0.8293 && lat <= 55.8271 && lon >= 72.004 && lon <= 137.8347)) return [lat, lon];
  const [y, x] = [lat - 35, lon - 105];
  const ripple = (20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI)) * 2 / 3;
  const north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x)) + ripple
    + waves(y, [20, 1], [40, 3], [160, 12], [320, 30]);
  const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x)) + ripple
    + waves(x, [20, 1], [40, 3], [150, 12], [300, 30]);
  const bend = 1 - ECCENTRICITY2 * Math.sin(lat * RADIAN) ** 2;
  const meridian = (AXIS * (1 - ECCENTRICITY2)) / (bend * Math.sqrt(bend));
  const parallel = (AXIS / Math.sqrt(bend)) * Math.cos(lat * RADIAN);
  return [lat + north / meridian / RADIAN, lon + east / parallel / RADIAN];
}
