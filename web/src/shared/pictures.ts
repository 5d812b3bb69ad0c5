/** Where a picture of ours is found scaled down to a width; the server makes and keeps it. */
export const atWidth = (url: string, width: 320 | 640 | 1280): string =>
  url.startsWith('/api/v1/files/') ? `${url}/widths/${width}` : url
