/* The map itself: the crosshair stands still in the middle and the map moves under it, so that no finger hides the place. */
import { GridLayer, Map as LeafletMap, TileLayer } from "leaflet/dist/leaflet-src.esm.js";
import { toGcj02 } from "./gcj02.js";

const NEAR = 17;
const WIDE = 13;
const FINGER_PX = 10; /* How exactly a person puts a crosshair. */
const LEAST_M = 5;
const EQUATOR_M_PER_PX = 156543.03392;

const SIDE = 256;

const shown = new WeakMap();
const blank = new WeakSet(); /* Pieces that did not come. */

/* The library empties a picture with a data: address, which our policy forbids; without any address it is as empty. */
const Tiles = TileLayer.extend({
  _removeTile(key) {
    this._tiles[key]?.el.removeAttribute("src");
    return GridLayer.prototype._removeTile.call(this, key);
  },
  _abortLoading() {
    for (const [key, { coords, el }] of Object.entries(this._tiles)) {
      if (coords.z === this._tileZoom || el.complete) continue;
      el.removeAttribute("src");
      el.remove();
      delete this._tiles[key];
    }
  },

  /* Whether the piece under a place is one that did not come; one that is still on its way is none. */
  isBlankAt(latlng) {
    if (!this._map) return false; /* Not before the map knows where it is. */
    const { x, y } = this._map.project(latlng, this._tileZoom).divideBy(SIDE).floor();
    return blank.has(this._tiles[`${x}:${y}:${this._tileZoom}`]?.el);
  },
  drawMissing() {
    if (Object.values(this._tiles).some(({ el }) => blank.has(el))) this.redraw();
  },
});

/* Where to open: on the last pin, on the phone's position as this map draws it, else on the district. */
function start(holder, field) {
  const { datum, lat, lon } = holder.dataset;
  const known = [Number(field("lat").value), Number(field("lon").value)];
  const isKnown = Boolean(field("lat").value && field("lon").value && known.every(Number.isFinite));
  if (!isKnown) return [[Number(lat), Number(lon)], WIDE];
  const statedIn = field("source").value === "pin" && field("pin-datum").value === "gcj02" ? "gcj02" : "wgs84";
  return [datum === "gcj02" && statedIn === "wgs84" ? toGcj02(known) : known, NEAR];
}

function build(holder, field, close) {
  const find = (name) => holder.querySelector(`[data-pin-${name}]`);
  const isCalm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = new LeafletMap(find("canvas"), {
    attributionControl: false, zoomControl: false, minZoom: 8, maxZoom: 18, inertia: !isCalm, zoomAnimation: !isCalm, fadeAnimation: false,
  });
  /* Closer than the map is drawn, its deepest pieces are stretched. */
  const layer = (address) => new Tiles(address.replace(/\/0\/0\/0$/, "/{z}/{x}/{y}"), {
    minZoom: 8, maxZoom: 18, maxNativeZoom: Math.min(18, Number(holder.dataset.deepest)),
  }).addTo(map);
  const tiles = layer(holder.dataset.tiles);
  if (holder.dataset.names) layer(holder.dataset.names); /* A map without them is still one to put a crosshair on. */
  map.on("click", ({ latlng }) => map.panTo(latlng, { animate: !isCalm }));

  /* A crosshair on nothing would be a place nobody has seen. */
  function look() {
    const isBlank = tiles.isBlankAt(map.getCenter());
    if (find("blank").hidden === isBlank) find("blank").hidden = !isBlank;
    find("confirm").setAttribute("aria-disabled", String(isBlank));
  }

  function confirm() {
    map.stop();
    if (tiles.isBlankAt(map.getCenter())) return;
    const { lat, lng } = map.getCenter().wrap();
    const metresPerPixel = (EQUATOR_M_PER_PX * Math.cos((lat * Math.PI) / 180)) / 2 ** map.getZoom();
    const error = Math.max(LEAST_M, Math.ceil(metresPerPixel * FINGER_PX));
    field("pin-datum").value = holder.dataset.datum;
    close();
    holder.closest(".place-picker").dispatchEvent(new CustomEvent("place:pinned", {
      detail: [lat.toFixed(6), lng.toFixed(6), error, new Date().toISOString(), "pin"],
    }));
  }

  tiles.on("tileload tileerror", ({ tile, error }) => {
    /* What the server does not have it answers with one pixel. */
    if (error || tile.naturalWidth <= 1) blank.add(tile);
    look();
  });
  map.on("moveend", look);
  find("confirm").addEventListener("click", confirm);
  find("cancel").addEventListener("click", close);
  find("in").addEventListener("click", () => map.zoomIn());
  find("out").addEventListener("click", () => map.zoomOut());
  find("panel").addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  return [map, tiles];
}

export function show(holder, close) {
  const field = (name) => holder.closest(".place-picker").querySelector(`[data-place-${name}]`);
  const [map, tiles] = shown.get(holder) ?? build(holder, field, close);
  shown.set(holder, [map, tiles]);
  map.invalidateSize({ animate: false });
  map.setView(...start(holder, field), { animate: false });
  tiles.drawMissing();
  map.getContainer().focus({ preventScroll: true });
  holder.scrollIntoView({ block: "nearest" });
}
