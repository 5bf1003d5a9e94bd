import { render } from 'preact';
import { App } from './app.js';
import './styles/base.css';
import './styles/shell.css';
import './styles/controls.css';
import './styles/views.css';
import { applyTheme } from './state/theme.js';

applyTheme();
const root = document.getElementById('app');
if (root !== null) render(<App />, root);
