/* A flood of predictions for the profile `k6` of docker-compose.yml: FLOOD_USERS send the same image for FLOOD_DURATION. */
import { check } from 'k6';
import http from 'k6/http';

const image = open('/images/cat-0000.jpg', 'b');

export const options = {
  vus: Number(__ENV.FLOOD_USERS),
  duration: __ENV.FLOOD_DURATION,
  thresholds: { http_req_failed: ['rate==0'], checks: ['rate==1'] },
};

export default function () {
  const answer = http.post(`${__ENV.FLOOD_URL}/api/predict`, image, {
    headers: { 'Content-Type': 'image/jpeg' },
  });
  check(answer, { 'is a prediction': ({ status }) => status === 200 });
}
